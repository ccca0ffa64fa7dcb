#include "compiler/lowering/ArgumentAccess.h"
#include "compiler/lowering/KernelPlan.h"
#include "compiler/lowering/gpu/GroupCode.h"

using namespace mlir;
using namespace mpc;

func::FuncOp mpc::functionNamed(KernelOp kernel, SymbolRefAttr entry,
                                StringRef name) {
  auto reference =
      SymbolRefAttr::get(entry.getRootReference(),
                         {FlatSymbolRefAttr::get(kernel.getContext(), name)});
  return SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(kernel, reference);
}

bool mpc::usesBuffer(func::FuncOp function, ArrayRef<mpcrt::TensorMap> maps,
                     size_t buffer) {
  auto isUsed = [&](size_t argument) {
    return !function.getArgument(unsigned(argument)).use_empty();
  };
  for (auto [i, map] : llvm::enumerate(maps))
    if (size_t(map.arg) == buffer && isUsed(i))
      return true;
  return isUsed(maps.size() + buffer);
}

static void append(std::string &access, KernelOp kernel, func::FuncOp function,
                   ArrayRef<mpcrt::TensorMap> maps) {
  const size_t inputs = kernel->getNumOperands();
  const size_t buffers =
      inputs + kernel->getNumResults() + planKernel(kernel)->workspaces.size();
  for (size_t i = 0; i < buffers; ++i)
    access += !usesBuffer(function, maps, i) ? '-' : i < inputs ? 'r' : 'w';
}

// Of a group in the order of its table, member by member.
std::string mpc::accessOf(KernelOp kernel, size_t phase, SymbolRefAttr entry,
                          ArrayRef<mpcrt::TensorMap> maps) {
  StringRef name = entry.getLeafReference();
  std::string access;
  if (!kernel.isGroup())
    append(access, kernel, functionNamed(kernel, entry, name), maps);
  else
    for (auto &[member, part] : groupFunctions(kernel, phase, name))
      append(access, member, functionNamed(kernel, entry, part), {});
  return access;
}
