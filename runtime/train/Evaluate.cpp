#include "runtime/train/Evaluate.h"

#include <algorithm>

namespace mpcrt::train {

Status evaluate(Program &program, Dataset &data, const BatchSink &sink) {
  std::vector<std::vector<std::byte>> buffers;
  std::vector<void *> outputs;
  for (const TensorSpec &spec : program.outputs())
    outputs.push_back(buffers.emplace_back(spec.bytes).data());
  std::vector<int64_t> indices(size_t(program.batch()), 0);
  for (int64_t first = 0; first < data.samples(); first += program.batch()) {
    int64_t real = std::min(program.batch(), data.samples() - first);
    for (size_t i = 0; i < indices.size(); ++i)
      indices[i] = first + std::min(int64_t(i), real - 1);
    data.gather(indices);
    mpcrt_code code = mpcrt_eval(program.get(), data.inputs(), outputs.data());
    if (code != MPCRT_OK)
      return program.check(code, text("evaluation failed at sample ", first));
    if (!sink(outputs.data(), real))
      break;
  }
  return {};
}

} // namespace mpcrt::train
