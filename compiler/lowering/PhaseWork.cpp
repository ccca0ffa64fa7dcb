#include "compiler/lowering/PhaseWork.h"
#include "compiler/analysis/KernelWork.h"
#include "compiler/lowering/KernelPlan.h"
#include "compiler/lowering/gpu/GroupCode.h"

using namespace mlir;
using namespace mpc;

namespace {
/// Which of a kernel's buffers one of its functions uses, itself or through a
/// tensor map.
class Uses {
public:
  Uses(func::FuncOp function, ArrayRef<mpcrt::TensorMap> maps)
      : function(function), maps(maps) {}

  bool contains(size_t buffer) {
    for (auto [i, map] : llvm::enumerate(maps))
      if (size_t(map.arg) == buffer && isUsed(i))
        return true;
    return isUsed(maps.size() + buffer);
  }

private:
  func::FuncOp function;
  ArrayRef<mpcrt::TensorMap> maps;

  bool isUsed(size_t argument) {
    return !function.getArgument(unsigned(argument)).use_empty();
  }
};
} // namespace

static void addWork(KernelOp kernel, const KernelPlan &plan, size_t phase,
                    func::FuncOp function, ArrayRef<mpcrt::TensorMap> maps,
                    mpcrt::Launch &launch) {
  KernelWork work = workOf(kernel);
  Uses uses(function, maps);
  size_t buffer = 0;
  for (int64_t bytes : work.operandBytes)
    launch.bytesRead += uses.contains(buffer++) ? bytes : 0;
  for (int64_t bytes : work.resultBytes)
    launch.bytesWritten += uses.contains(buffer++) ? bytes : 0;
  // Partial results: the first phase writes them, later ones join them, an
  // operation for each.
  constexpr int64_t partialBytes = sizeof(float);
  for (MemRefType workspace : plan.workspaces) {
    if (!uses.contains(buffer++))
      continue;
    int64_t bytes = elementCount(workspace.getShape()) *
                    (workspace.getElementTypeBitWidth() / 8);
    (phase == 0 ? launch.bytesWritten : launch.bytesRead) += bytes;
    launch.operations += phase == 0 ? 0 : bytes / partialBytes;
  }
  if (phase == 0) {
    launch.operations += work.before;
    launch.type = work.type.str();
  }
  if (phase + 1 == plan.tiles.size())
    launch.operations += work.after;
}

void mpc::describeWork(KernelOp kernel, size_t phase, func::FuncOp function,
                       ArrayRef<mpcrt::TensorMap> maps, mpcrt::Launch &launch) {
  if (kernel.getRoot() != groupRoot)
    return addWork(kernel, *planKernel(kernel), phase, function, maps, launch);
  for (auto &[member, name] :
       groupFunctions(kernel, phase, function.getSymName()))
    addWork(member, *planKernel(member), phase,
            SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
                function, StringAttr::get(kernel.getContext(), name)),
            {}, launch);
}
