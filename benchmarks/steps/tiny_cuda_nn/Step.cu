// A training step of an MLP by tiny-cuda-nn, timed.
//
//   tiny_cuda_nn JOB
//
// JOB is the JSON object that peer_tiny_cuda_nn.py makes: the widths of the
// layers, the batch, the optimizer's numbers, how many steps to do, and a file
// of f32: the weights of each layer (rows are outputs), the batch (a row per
// sample) and its labels (one-hot rows). Prints what peer_tiny_cuda_nn.py
// reads.
//
// The network, its products, the cast of the batch and the update are
// tiny-cuda-nn's. It has no softmax, so the loss is ours, through its
// interface for losses.
#include <tiny-cuda-nn/config.h>
#include <tiny-cuda-nn/optimizers/sgd.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <iostream>

using tcnn::json;
using Half = tcnn::network_precision_t;
using Matrix = tcnn::GPUMatrix<float>;

/// Of kernels compiled at run time, which there are none of. Without them
/// tiny-cuda-nn calls this function, but does not define it.
__attribute__((weak)) void tcnn::CudaRtcKernel::set(CUfunction_attribute, int) {
  throw std::logic_error("no kernels are compiled at run time");
}

/// The multiple to which tiny-cuda-nn pads the outputs: lanes of a row here.
constexpr uint32_t lanes = 16;

/// The mean over the rows of softmax cross entropy, in parts that add up to it.
__global__ void softmaxCrossEntropy(uint32_t elements, uint32_t classes,
                                    float lossScale, const Half *logits,
                                    const float *targets, float *values,
                                    Half *gradients) {
  const uint32_t i = threadIdx.x + blockIdx.x * blockDim.x;
  if (i >= elements) // whole rows: there are multiples of 256
    return;
  const uint32_t row = i / lanes, lane = i % lanes;
  const bool used = lane < classes;
  const float logit = used ? float(logits[i]) : -INFINITY;
  float largest = logit;
  for (uint32_t distance = lanes / 2; distance; distance /= 2)
    largest =
        fmaxf(largest, __shfl_xor_sync(0xffffffff, largest, distance, lanes));
  const float power = used ? expf(logit - largest) : 0.0f;
  float sum = power;
  for (uint32_t distance = lanes / 2; distance; distance /= 2)
    sum += __shfl_xor_sync(0xffffffff, sum, distance, lanes);
  const float target = used ? targets[row * classes + lane] : 0.0f;
  const float share = float(lanes) / elements;
  values[i] = used ? target * (logf(sum) - logit + largest) * share : 0.0f;
  gradients[i] = Half((power / sum - target) * share * lossScale);
}

class SoftmaxCrossEntropy : public tcnn::Loss<Half> {
public:
  using tcnn::Loss<Half>::evaluate;

  void evaluate(cudaStream_t stream, const float lossScale,
                const tcnn::GPUMatrix<Half> &prediction, const Matrix &target,
                Matrix &values, tcnn::GPUMatrix<Half> &gradients,
                const Matrix *) const override {
    CHECK_THROW(prediction.m() == lanes);
    tcnn::linear_kernel(softmaxCrossEntropy, 0, stream, prediction.n_elements(),
                        target.m(), lossScale, prediction.data(), target.data(),
                        values.data(), gradients.data());
  }

  void update_hyperparams(const json &) override {}
  json hyperparams() const override {
    return {{"otype", "SoftmaxCrossEntropy"}};
  }
};

/// What tiny-cuda-nn makes the model from. The loss is replaced.
static json configuration(const json &job,
                          const std::vector<uint32_t> &widths) {
  const json network = {{"otype", "CutlassMLP"},
                        {"activation", "ReLU"},
                        {"output_activation", "None"},
                        {"n_neurons", widths[1]},
                        {"n_hidden_layers", widths.size() - 2}};
  const json optimizer = {{"otype", "SGD"},
                          {"learning_rate", job.at("lr")},
                          {"l2_reg", job.at("weight_decay")}};
  return {{"encoding", {{"otype", "Identity"}}},
          {"loss", {{"otype", "L2"}}},
          {"network", network},
          {"optimizer", optimizer}};
}

namespace {
/// Everything that a step reads and writes, on the GPU.
class Step {
public:
  explicit Step(const json &job)
      : widths(job.at("widths").get<std::vector<uint32_t>>()),
        batch(widths.front(), job.at("batch").get<uint32_t>()),
        target(widths.back(), batch.n()) {
    CUDA_CHECK_THROW(cudaStreamCreate(&stream));
    model = tcnn::create_from_config(widths.front(), widths.back(),
                                     configuration(job, widths));
    model.trainer->set_loss(std::make_shared<SoftmaxCrossEntropy>());
    read(job.at("file"));
  }

  /// One step as tiny-cuda-nn's users do it. What it leaves holds the loss.
  auto run() { return model.trainer->training_step(stream, batch, target); }
  float loss() { return model.trainer->loss(stream, *run()); }

  /// The step in a graph, of which the update is part too.
  cudaGraphExec_t captured() {
    cudaGraph_t graph;
    cudaGraphExec_t program;
    CUDA_CHECK_THROW(
        cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
    run();
    CUDA_CHECK_THROW(cudaStreamEndCapture(stream, &graph));
    CUDA_CHECK_THROW(cudaGraphInstantiate(&program, graph, 0));
    return program;
  }

  cudaStream_t stream = nullptr;

private:
  void read(const std::string &path);

  std::vector<uint32_t> widths; ///< of the batch, hidden layers, the outputs
  Matrix batch, target;         ///< columns are samples
  tcnn::TrainableModel model;
};
} // namespace

void Step::read(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  file.exceptions(std::ios::failbit | std::ios::badbit | std::ios::eofbit);
  const auto next = [&](float *data, size_t count) {
    file.read(reinterpret_cast<char *>(data), count * sizeof(float));
  };
  // Rows that only pad the last layer stay 0.
  std::vector<float> weights(model.trainer->n_params(), 0.0f);
  for (size_t layer = 1, begin = 0; layer < widths.size(); ++layer) {
    const size_t count = size_t(widths[layer]) * widths[layer - 1];
    CHECK_THROW(begin + count <= weights.size());
    next(weights.data() + begin, count);
    begin += count;
  }
  model.trainer->set_params_full_precision(weights.data(), weights.size());
  for (Matrix *matrix : {&batch, &target}) {
    std::vector<float> values(matrix->n_elements());
    next(values.data(), values.size());
    CUDA_CHECK_THROW(cudaMemcpy(matrix->data(), values.data(),
                                matrix->n_bytes(), cudaMemcpyHostToDevice));
  }
}

/// Milliseconds of a step, of so many in a row.
template <typename Run>
static double milliseconds(cudaStream_t stream, int steps, Run run) {
  cudaEvent_t begin, end;
  CUDA_CHECK_THROW(cudaEventCreate(&begin));
  CUDA_CHECK_THROW(cudaEventCreate(&end));
  CUDA_CHECK_THROW(cudaStreamSynchronize(stream));
  CUDA_CHECK_THROW(cudaEventRecord(begin, stream));
  for (int step = 0; step < steps; ++step)
    run();
  CUDA_CHECK_THROW(cudaEventRecord(end, stream));
  CUDA_CHECK_THROW(cudaEventSynchronize(end));
  float time = 0;
  CUDA_CHECK_THROW(cudaEventElapsedTime(&time, begin, end));
  return double(time) / steps;
}

static json measure(const json &job) {
  Step step(job);
  std::vector<float> losses(job.at("losses").get<size_t>());
  for (float &loss : losses)
    loss = step.loss();
  std::function<void()> run = [&] { step.run(); };
  if (job.at("captured")) {
    cudaGraphExec_t program = step.captured();
    run = [&step, program] {
      CUDA_CHECK_THROW(cudaGraphLaunch(program, step.stream));
    };
  }
  const int steps = job.at("steps");
  std::vector<double> times(job.at("repeats").get<size_t>());
  milliseconds(step.stream, steps, run); // warms up
  for (double &time : times)
    time = milliseconds(step.stream, steps, run);
  // So that what was timed is known to have trained.
  if (!(step.loss() < losses.back()))
    throw std::runtime_error("the loss did not fall");
  return {{"losses", losses}, {"ms", times}};
}

int main(int argc, char **argv) {
  try {
    if (argc != 2)
      throw std::runtime_error("usage: tiny_cuda_nn JOB");
    std::cout << measure(json::parse(argv[1])) << std::endl;
    return 0;
  } catch (const std::exception &error) {
    std::cerr << "tiny_cuda_nn: " << error.what() << std::endl;
    return 1;
  }
}
