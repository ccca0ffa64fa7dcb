#include "compiler/lowering/NarrowCopies.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/formats/FloatFormat.h"
#include <cmath>
#include <cstring>

using namespace mlir;

namespace {
// Elements of one weight that are no longer what they were.
struct Losses {
  size_t elements = 0, zeros = 0, infinities = 0;
  float zeroed = 0, overflowed = 0; ///< an example of each

  void add(float value, mpc::formats::FloatFormat format) {
    ++elements;
    double narrow = mpc::formats::roundTo(double(value), format);
    if (narrow == 0 && value != 0 && zeros++ == 0)
      zeroed = value;
    if (std::isinf(narrow) && std::isfinite(value) && infinities++ == 0)
      overflowed = value;
  }
};
} // namespace

static const mpc::Program::Tensor *findTensor(const mpc::Program &program,
                                              StringRef name) {
  for (const mpc::Program::Tensor &tensor : program.tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

static void report(mpc::StateOp copy, StringRef weight, const Losses &losses) {
  InFlightDiagnostic warning = mlir::emitWarning(copy.getLoc())
                               << "weight '" << weight << "' has "
                               << losses.elements << " elements; in "
                               << copy.getTensorType().getElementType();
  if (losses.zeros)
    warning << " " << losses.zeros << " of them become 0, such as "
            << double(losses.zeroed);
  if (losses.infinities)
    warning << (losses.zeros ? ", and " : " ") << losses.infinities
            << " infinite, such as " << double(losses.overflowed);
  warning << "; keep what reads it in f32 with --deny";
}

void mpc::warnAboutNarrowCopies(ModuleOp module, const Program &program) {
  for (auto copy : module.getOps<StateOp>()) {
    auto source = copy.getDerivedFrom();
    Type element = copy.getTensorType().getElementType();
    if (!source || !isa<Float16Type, BFloat16Type>(element))
      continue;
    const auto *tensor = findTensor(program, ("state." + *source).str());
    if (!tensor || tensor->dtype != mpcrt::DType::F32)
      continue;
    auto format = element.isF16() ? formats::FloatFormat::F16
                                  : formats::FloatFormat::BF16;
    Losses losses;
    for (size_t at = 0; at < tensor->bytes.size(); at += sizeof(float)) {
      float value;
      std::memcpy(&value, tensor->bytes.data() + at, sizeof value);
      losses.add(value, format);
    }
    if (losses.zeros || losses.infinities)
      report(copy, *source, losses);
  }
}
