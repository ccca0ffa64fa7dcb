#include "test/unit/train/FakeProgram.h"

#include <cstring>
#include <deque>
#include <fstream>
#include <map>

Fake &fake() {
  static Fake instance;
  return instance;
}

struct mpcrt_program {
  std::string error;
  int64_t attempted = 0, applied = 0, skipped = 0;
  double w = 0, lr = 1;
  uint64_t seed = 0;
  std::deque<mpcrt_status> statuses; ///< of steps that were not waited for
  FakeTensor state = {"w", MPCRT_F32, {1}};

  mpcrt_code fail(mpcrt_code code, std::string message) {
    error = std::move(message);
    return code;
  }
};

namespace {

size_t bytesOf(const FakeTensor &tensor) {
  static constexpr size_t sizes[] = {4, 2, 2, 8, 4, 1, 1};
  size_t bytes = sizes[tensor.dtype];
  for (int64_t dim : tensor.shape)
    bytes *= size_t(dim);
  return bytes;
}

mpcrt_code describe(const FakeTensor &tensor, mpcrt_role role,
                    mpcrt_tensor_info *info) {
  *info = {};
  info->name = tensor.name.c_str();
  info->dtype = tensor.dtype;
  info->role = role;
  info->rank = int(tensor.shape.size());
  std::copy(tensor.shape.begin(), tensor.shape.end(), info->shape);
  info->bytes = bytesOf(tensor);
  return MPCRT_OK;
}

/// The first element of each sample of the first input.
std::vector<float> firstElements(const void *const *inputs) {
  const FakeTensor &input = fake().inputs[0];
  size_t stride = bytesOf(input) / size_t(fake().batch) / sizeof(float);
  const float *x = static_cast<const float *>(inputs[0]);
  std::vector<float> first;
  for (int64_t i = 0; i < fake().batch; ++i)
    first.push_back(x[size_t(i) * stride]);
  return first;
}

} // namespace

mpcrt_code mpcrt_open(const char *path, const mpcrt_options *options,
                      mpcrt_program **out) {
  *out = new mpcrt_program;
  fake().openedWith = options ? *options : mpcrt_options{};
  (*out)->seed =
      options && options->seed_given ? options->seed : fake().artifactSeed;
  if (!std::ifstream(path))
    return (*out)->fail(MPCRT_FILE, std::string("cannot open '") + path + "'");
  return MPCRT_OK;
}

mpcrt_code mpcrt_open_memory(const void *, size_t, const mpcrt_options *,
                             mpcrt_program **out) {
  *out = new mpcrt_program;
  return MPCRT_OK;
}

void mpcrt_close(mpcrt_program *program) { delete program; }
const char *mpcrt_last_error(const mpcrt_program *program) {
  return program->error.c_str();
}
const char *mpcrt_version(void) { return "fake"; }

mpcrt_code mpcrt_step_samples_async(mpcrt_program *program,
                                    const void *const *inputs,
                                    const void *label, const int64_t *samples,
                                    void *stream) {
  std::vector<std::vector<std::byte>> picked;
  auto pick = [&](const void *array, const FakeTensor &tensor) -> const void * {
    if (!array)
      return nullptr;
    const size_t bytes = bytesOf(tensor), each = bytes / size_t(fake().batch);
    std::vector<std::byte> &batch = picked.emplace_back(bytes);
    for (size_t i = 0; i < size_t(fake().batch); ++i)
      std::memcpy(&batch[i * each],
                  static_cast<const std::byte *>(array) +
                      size_t(samples[i]) * each,
                  each);
    return batch.data();
  };
  std::vector<const void *> tensors;
  for (size_t i = 0; i < fake().inputs.size(); ++i)
    tensors.push_back(pick(inputs[i], fake().inputs[i]));
  return mpcrt_step_async(program, tensors.data(), pick(label, fake().label),
                          stream);
}

mpcrt_code mpcrt_step_async(mpcrt_program *program, const void *const *inputs,
                            const void *label, void *) {
  mpcrt_status &made = program->statuses.emplace_back();
  mpcrt_status *status = &made;
  fake().mostUnfinished =
      std::max(fake().mostUnfinished, program->statuses.size());
  int64_t step = ++program->attempted;
  double sum = 0;
  for (float first : firstElements(inputs)) {
    fake().seen.push_back(first);
    sum += first;
  }
  if (label && fake().label.dtype == MPCRT_I64)
    for (int64_t i = 0; i < fake().batch; ++i)
      fake().seenLabels.push_back(static_cast<const int64_t *>(label)[i]);
  bool skip = fake().skips(step);
  (skip ? program->skipped : program->applied) += 1;
  if (!skip)
    program->w += program->lr * sum;
  status->applied = !skip;
  status->applied_steps = program->applied;
  status->skipped_steps = program->skipped;
  status->nonfinite_count = skip ? 7 : 0;
  status->loss = fake().lossOf(step);
  status->loss_scale = 65536;
  status->next_loss_scale = skip ? 32768 : 65536;
  status->grad_norm = 0.5f;
  status->lr = float(program->lr);
  fake().afterStep(step);
  return MPCRT_OK;
}

mpcrt_code mpcrt_wait(mpcrt_program *program, mpcrt_status *status) {
  *status = program->statuses.front();
  program->statuses.pop_front();
  return MPCRT_OK;
}

mpcrt_code mpcrt_eval(mpcrt_program *, const void *const *inputs,
                      void *const *outputs) {
  std::vector<float> first = firstElements(inputs);
  fake().evaluated.push_back(first);
  const FakeTensor &output = fake().outputs[0];
  size_t columns = bytesOf(output) / sizeof(float) / first.size();
  float *out = static_cast<float *>(outputs[0]);
  for (size_t i = 0; i < first.size(); ++i)
    for (size_t c = 0; c < columns; ++c)
      out[i * columns + c] = first[i] == float(c) ? 2.0f : 0.0f;
  return MPCRT_OK;
}

int mpcrt_input_count(const mpcrt_program *) {
  return int(fake().inputs.size());
}
int mpcrt_output_count(const mpcrt_program *) {
  return int(fake().outputs.size());
}
int mpcrt_tensor_count(const mpcrt_program *) { return 1; }
mpcrt_code mpcrt_input(const mpcrt_program *, int index,
                       mpcrt_tensor_info *info) {
  return describe(fake().inputs[size_t(index)], MPCRT_ROLE_INPUT, info);
}
mpcrt_code mpcrt_output(const mpcrt_program *, int index,
                        mpcrt_tensor_info *info) {
  return describe(fake().outputs[size_t(index)], MPCRT_ROLE_OUTPUT, info);
}
mpcrt_code mpcrt_label(const mpcrt_program *, mpcrt_tensor_info *info) {
  return describe(fake().label, MPCRT_ROLE_LABEL, info);
}
mpcrt_code mpcrt_tensor(const mpcrt_program *program, int,
                        mpcrt_tensor_info *info) {
  return describe(program->state, MPCRT_ROLE_PARAMETER, info);
}
mpcrt_code mpcrt_training(const mpcrt_program *program,
                          mpcrt_training_info *info) {
  *info = {fake().loss.c_str(),   "sgd",        "fp16",
           fake().scaled ? 1 : 0, fake().batch, program->seed,
           fake().labelSmoothing};
  return MPCRT_OK;
}
mpcrt_code mpcrt_device(const mpcrt_program *, mpcrt_device_info *info) {
  *info = {};
  info->device = fake().device.c_str();
  info->name = "a fake";
  info->target = "none";
  info->passed_over = fake().passedOver.c_str();
  info->fallback = "";
  return MPCRT_OK;
}
int mpcrt_launch_count(const mpcrt_program *) {
  return int(fake().launches.size());
}
mpcrt_code mpcrt_launch(const mpcrt_program *, int index,
                        mpcrt_launch_info *info) {
  *info = fake().launches[size_t(index)];
  return MPCRT_OK;
}
mpcrt_code mpcrt_time_step(mpcrt_program *, const void *const *inputs,
                           const void *, int repeats, double *launch_seconds,
                           double *step_seconds) {
  fake().timedRepeats = repeats;
  fake().timed = firstElements(inputs);
  for (size_t i = 0; i < fake().launches.size(); ++i)
    launch_seconds[i] = double(i + 1) * 1e-6;
  *step_seconds = 5e-6;
  return MPCRT_OK;
}
mpcrt_code mpcrt_measure_ceilings(mpcrt_program *, mpcrt_ceilings *ceilings) {
  *ceilings = fake().ceilings;
  return MPCRT_OK;
}
mpcrt_code mpcrt_label_classes(const mpcrt_program *, int64_t *classes,
                               int *class_axis, int64_t *ignore_index) {
  *classes = fake().classes;
  *class_axis = fake().classAxis;
  *ignore_index = fake().ignoreIndex;
  return MPCRT_OK;
}

mpcrt_code mpcrt_get(mpcrt_program *program, const char *, void *data,
                     size_t bytes) {
  float w = float(program->w);
  std::memcpy(data, &w, bytes);
  return MPCRT_OK;
}
mpcrt_code mpcrt_set(mpcrt_program *program, const char *, const void *data,
                     size_t bytes) {
  float w = 0;
  std::memcpy(&w, data, bytes);
  program->w = w;
  return MPCRT_OK;
}
mpcrt_code mpcrt_get_hyper(mpcrt_program *program, const char *,
                           double *value) {
  *value = program->lr;
  return MPCRT_OK;
}
mpcrt_code mpcrt_set_hyper(mpcrt_program *program, const char *name,
                           double value) {
  if (std::string(name) != "lr")
    return program->fail(MPCRT_USAGE, std::string("no hyper-parameter '") +
                                          name + "'; there is lr");
  if (!(value >= 0))
    return program->fail(MPCRT_USAGE, "lr must be at least 0");
  program->lr = value;
  return MPCRT_OK;
}
mpcrt_code mpcrt_digest(mpcrt_program *program, char digest[33]) {
  uint64_t bits = 0;
  std::memcpy(&bits, &program->w, sizeof(bits));
  std::snprintf(digest, 33, "%032llx", (unsigned long long)bits);
  return MPCRT_OK;
}

mpcrt_code mpcrt_save(mpcrt_program *program, const char *path,
                      const mpcrt_loop *loop) {
  if (fake().saveFails(++fake().saveAttempts))
    return program->fail(MPCRT_FILE, std::string("cannot write '") + path +
                                         "': No space left on device");
  std::ofstream file(path);
  file.precision(17);
  file << program->attempted << ' ' << program->applied << ' '
       << program->skipped << ' ' << program->w << ' ' << program->lr << ' '
       << loop->epoch << ' ' << loop->position << ' ' << loop->attempted_steps
       << ' ' << loop->consecutive_skips << ' ' << loop->shuffle_seed << '\n';
  fake().saves.push_back(path);
  return file ? MPCRT_OK
              : program->fail(MPCRT_FILE, std::string("cannot write ") + path);
}

mpcrt_code mpcrt_load(mpcrt_program *program, const char *path,
                      mpcrt_loop *loop) {
  std::ifstream file(path);
  mpcrt_loop place = {};
  if (!file)
    return program->fail(MPCRT_FILE, std::string("cannot open ") + path);
  if (fake().damagedFiles.count(path) ||
      !(file >> program->attempted >> program->applied >> program->skipped >>
        program->w >> program->lr >> place.epoch >> place.position >>
        place.attempted_steps >> place.consecutive_skips >> place.shuffle_seed))
    return program->fail(MPCRT_DAMAGED, std::string(path) + " is damaged");
  if (loop)
    *loop = place;
  fake().loads.push_back(path);
  return MPCRT_OK;
}

mpcrt_code mpcrt_load_weights(mpcrt_program *program, const char *path) {
  fake().weightLoads.push_back(path);
  return std::ifstream(path) ? MPCRT_OK
                             : program->fail(MPCRT_FILE, "no such weights");
}

mpcrt_code mpcrt_save_weights(mpcrt_program *program, const char *path) {
  std::ofstream file(path);
  file << program->w << '\n';
  return file ? MPCRT_OK : program->fail(MPCRT_FILE, "cannot write weights");
}
