#include "compiler/analysis/Target.h"

using namespace mlir;
using namespace mpc;

static constexpr std::pair<Target::Kind, llvm::StringLiteral> names[] = {
    {Target::Kind::Cpu, "cpu"},
    {Target::Kind::Sm90a, "sm_90a"},
    {Target::Kind::Sm80, "sm_80"},
    {Target::Kind::Ptx, "ptx"},
};

StringRef Target::name() const {
  for (auto [known, text] : names)
    if (known == kind)
      return text;
  llvm_unreachable("all kinds have names");
}

std::optional<Target> mpc::targetFromName(StringRef name) {
  for (auto [kind, text] : names)
    if (text == name)
      return Target{kind};
  return std::nullopt;
}

Target mpc::targetOf(Operation *op) {
  for (; op; op = op->getParentOp())
    if (auto name = op->getAttrOfType<StringAttr>(targetAttrName))
      return targetFromName(name.getValue()).value_or(Target{});
  return Target{};
}
