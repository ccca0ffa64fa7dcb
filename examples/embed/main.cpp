// Trains the digits inside a C++ program: embed digits-train.npz
#include "digits.h" // DIGITS_MPX, the compiled model

#include <mpcrt/runtime.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

// The numbers of NAME in an uncompressed .npz: they follow its text header.
template <typename T>
std::vector<T> read(const std::string &npz, const char *name, size_t count) {
  size_t start = npz.find("\x93NUMPY", npz.find(name));
  size_t header = uint8_t(npz[start + 8]) + 256u * uint8_t(npz[start + 9]);
  std::vector<T> values(count);
  npz.copy(reinterpret_cast<char *>(values.data()), count * sizeof(T),
           start + 10 + header);
  return values;
}

int main(int argc, char **argv) {
  const size_t samples = 1437, pixels = 64;
  std::ifstream file(argc > 1 ? argv[1] : "digits-train.npz", std::ios::binary);
  std::string npz{std::istreambuf_iterator<char>(file), {}};
  if (npz.empty())
    return std::fprintf(stderr, "usage: embed digits-train.npz\n"), 2;
  auto x = read<float>(npz, "x.npy", samples * pixels);
  auto y = read<int64_t>(npz, "y.npy", samples);
  mpcrt_program *program;
  mpcrt_tensor_info label{};
  mpcrt_status status{};
  mpcrt_code code = mpcrt_open(DIGITS_MPX, nullptr, &program);
  code = code ? code : mpcrt_label(program, &label);
  size_t batch = size_t(label.shape[0]);
  std::vector<float> images(batch * pixels);
  std::vector<int64_t> labels(batch);
  std::mt19937 random(1);
  for (int step = 1; !code && step <= 500; ++step) {
    for (size_t i = 0; i < batch; ++i) {
      size_t sample = random() % samples;
      std::copy_n(&x[sample * pixels], pixels, &images[i * pixels]);
      labels[i] = y[sample];
    }
    const void *inputs[] = {images.data()};
    code = mpcrt_step(program, inputs, labels.data(), &status);
    if (step % 100 == 0)
      std::printf("step %d loss %.4f scale %g\n", step, status.loss,
                  status.loss_scale);
  }
  if (code)
    std::fprintf(stderr, "%s\n", mpcrt_last_error(program));
  mpcrt_close(program);
  return code;
}
