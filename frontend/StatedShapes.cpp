// What a model says about its values, held against what its nodes make of them.
#include "frontend/ModelImport.h"

using namespace mlir;

namespace mpc::frontend {

// "2x?x4": an extent that the file leaves open is a question mark.
static std::string statedText(const std::vector<Dimension> &shape) {
  std::string text;
  for (const Dimension &dim : shape)
    text += (text.empty() ? "" : "x") +
            (dim.size == unknownSize ? "?" : std::to_string(dim.size));
  return text.empty() ? "scalar" : text;
}

static bool fits(const std::vector<Dimension> &stated, ArrayRef<int64_t> shape,
                 bool extentsToo) {
  if (stated.size() != shape.size())
    return false;
  for (size_t i = 0; i < shape.size(); ++i)
    if (extentsToo && stated[i].size != unknownSize &&
        stated[i].size != shape[i])
      return false;
  return true;
}

// Stated types decide nothing here, so a difference is no error; but it may be
// the trace of a broken export.
void ModelImport::compareStatedShapes() {
  // Fixed extents that --shape overrides show up in every value behind them.
  bool rebound = false;
  for (const ValueInfo &input : graph.inputs)
    if (auto shape = binding.shapeOf(input); shape && input.shape)
      rebound |= !fits(*input.shape, *shape, true);
  std::string first;
  int count = 0;
  for (const auto *stated : {&graph.valueInfos, &graph.outputs})
    for (const ValueInfo &info : *stated) {
      auto it = values.find(resolve(info.name));
      if (it == values.end())
        continue;
      auto type = cast<RankedTensorType>(it->second.getType());
      Type element = info.dtype ? elementType(context, *info.dtype) : Type();
      bool sameType = !element || element == type.getElementType();
      bool sameShape =
          !info.shape || fits(*info.shape, type.getShape(), !rebound);
      if ((sameType && sameShape) || ++count > 1)
        continue;
      std::string name(info.dtype ? mpcrt::dtypeName(*info.dtype) : "");
      first = "value '" + info.name + "' is " + name + " " +
              (info.shape ? statedText(*info.shape) : "of any shape") +
              ", but its nodes give ";
      llvm::raw_string_ostream(first) << type;
    }
  if (count > 0)
    result.warnings.push_back(
        "the model states " + first +
        (count > 1 ? " (and " + std::to_string(count - 1) + " more like this)"
                   : "") +
        "; the nodes are followed, export the model again if that is wrong");
}

} // namespace mpc::frontend
