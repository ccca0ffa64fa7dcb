#include "compiler/lowering/PhaseWork.h"
#include "compiler/analysis/KernelWork.h"
#include "compiler/lowering/ArgumentAccess.h"
#include "compiler/lowering/KernelPlan.h"
#include "compiler/lowering/gpu/GroupCode.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mpc;

namespace {
/// One phase of a kernel: its function and the launch that it is part of.
struct Phase {
  func::FuncOp function;
  ArrayRef<mpcrt::TensorMap> maps;
  mpcrt::Launch *launch;

  bool uses(size_t buffer) { return usesBuffer(function, maps, buffer); }
};

/// Adds the work of a kernel to the launches of its phases.
class Work {
public:
  Work(KernelOp kernel, MutableArrayRef<Phase> phases)
      : work(workOf(kernel)), workspaces(planKernel(kernel)->workspaces),
        phases(phases) {}

  void add() {
    size_t main = addOperands();
    size_t results = work.operandBytes.size();
    for (Phase &phase : phases)
      for (auto [i, bytes] : llvm::enumerate(work.resultBytes))
        phase.launch->bytesWritten += phase.uses(results + i) ? bytes : 0;
    size_t first = results + work.resultBytes.size();
    for (auto [i, workspace] : llvm::enumerate(workspaces))
      addWorkspace(first + i, workspace, main);
    phases[main].launch->operations += work.before;
    if (work.type != "f32")
      phases[main].launch->type = work.type.str();
    phases.back().launch->operations += work.after;
  }

private:
  KernelWork work;
  SmallVector<MemRefType> workspaces;
  MutableArrayRef<Phase> phases;

  // The phase that reads most.
  size_t addOperands() {
    size_t main = 0;
    int64_t most = -1;
    for (auto [number, phase] : llvm::enumerate(phases)) {
      int64_t read = 0;
      for (auto [i, bytes] : llvm::enumerate(work.operandBytes))
        read += phase.uses(i) ? bytes : 0;
      phase.launch->bytesRead += read;
      if (read > most)
        main = number;
      most = std::max(most, read);
    }
    return main;
  }

  // Behind the main phase partial results are joined, an operation for each.
  void addWorkspace(size_t buffer, MemRefType type, size_t main) {
    int64_t elements = elementCount(type.getShape());
    int64_t bytes = elements * ((type.getElementTypeBitWidth() + 7) / 8);
    bool written = false;
    for (auto [number, phase] : llvm::enumerate(phases)) {
      if (!phase.uses(buffer))
        continue;
      (written ? phase.launch->bytesRead : phase.launch->bytesWritten) += bytes;
      if (written && number > main)
        phase.launch->operations += elements;
      written = true;
    }
  }
};
} // namespace

void mpc::describeWork(KernelOp kernel, ArrayRef<mpcrt::Kernel> kernels,
                       MutableArrayRef<mpcrt::Launch> launches) {
  llvm::MapVector<Operation *, SmallVector<Phase>> phases;
  for (auto [number, entry, launch] : llvm::enumerate(
           kernel.getEntries()->getAsRange<SymbolRefAttr>(), launches)) {
    StringRef name = entry.getLeafReference();
    if (!kernel.isGroup()) {
      phases[kernel].push_back({functionNamed(kernel, entry, name),
                                kernels[size_t(launch.kernel)].maps, &launch});
      continue;
    }
    for (auto &[member, part] : groupFunctions(kernel, number, name))
      phases[member].push_back(
          {functionNamed(kernel, entry, part), {}, &launch});
  }
  for (auto &[member, functions] : phases)
    Work(cast<KernelOp>(member), functions).add();
}
