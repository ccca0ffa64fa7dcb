#include "compiler/lowering/Launches.h"
#include "compiler/analysis/Providers.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/ArgumentAccess.h"
#include "compiler/lowering/LibraryCalls.h"
#include "compiler/lowering/PhaseWork.h"
#include "compiler/lowering/gpu/GroupCode.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mpc;
using mpcrt::Status;

// Where the ops of a kernel come from: all nodes, and op type and direction of
// the root, or else of the first op that has them.
static void describe(KernelOp kernel, mpcrt::Launch &launch) {
  llvm::SetVector<StringRef> nodes;
  SmallVector<NodeOpInterface> ops;
  kernel.getBody().walk([&](NodeOpInterface node) {
    if (isa<ConstantOp>(node))
      return;
    bool root = node->getName().getStringRef() ==
                node->getParentOfType<KernelOp>().getRoot();
    ops.insert(root ? ops.begin() : ops.end(), node);
    if (ArrayAttr names = node.getNodeAttr())
      for (auto name : names.getAsRange<StringAttr>())
        nodes.insert(name.getValue());
  });
  for (StringRef node : nodes)
    launch.nodes.push_back(node.str());
  launch.direction = "update";
  for (NodeOpInterface op : llvm::reverse(ops)) {
    if (StringAttr type = op.getOpTypeAttr())
      launch.op = type.str();
    if (DirectionAttr direction = op.getDirectionAttr())
      launch.direction = stringifyDirection(direction.getValue()).str();
  }
  if (launch.op.empty())
    launch.op = kernel.getRoot().str();
}

// Entries of the buffer table.
static std::vector<int64_t> argumentsOf(KernelOp kernel) {
  ArrayRef<int64_t> buffers = *kernel.getBuffers();
  if (!kernel.isGroup())
    return buffers.vec();
  std::vector<int64_t> arguments;
  for (size_t buffer : groupTable(kernel))
    arguments.push_back(buffers[buffer]);
  return arguments;
}

namespace {
class LaunchList {
public:
  LaunchList(const llvm::StringMap<mpcrt::Kernel> &kernels,
             mpcrt::Target &target)
      : kernels(kernels), target(target) {}

  Status add(KernelOp kernel, std::vector<mpcrt::Launch> &launches) {
    if (!kernel.getTiles() || !kernel.getBuffers() || !kernel.getEntries())
      return Status(mpcrt::Code::Internal,
                    "a kernel has not been planned and lowered");
    size_t first = launches.size();
    for (auto [phase, entry, tiles] :
         llvm::enumerate(kernel.getEntries()->getAsRange<SymbolRefAttr>(),
                         *kernel.getTiles())) {
      int64_t number = kernelNumber(kernel, phase, entry);
      if (number < 0)
        return Status(mpcrt::Code::Internal,
                      "the image has no kernel '" +
                          entry.getLeafReference().str() + "'");
      mpcrt::Launch launch;
      launch.kernel = number;
      launch.tiles = tiles;
      launch.args = argumentsOf(kernel);
      describe(kernel, launch);
      launches.push_back(std::move(launch));
    }
    if (kernel.getProvider() != generatedProvider && first < launches.size()) {
      launches[first].library = libraryCallOf(kernel);
      if (!launches[first].library)
        return Status(mpcrt::Code::Internal,
                      "a kernel has a provider that does not compute it");
    }
    describeWork(kernel, target.kernels,
                 MutableArrayRef(launches).drop_front(first));
    return Status();
  }

private:
  const llvm::StringMap<mpcrt::Kernel> &kernels;
  mpcrt::Target &target;
  llvm::StringMap<int64_t> numbers;

  // Of the function of a phase; -1 if the image has none.
  int64_t kernelNumber(KernelOp kernel, size_t phase, SymbolRefAttr entry) {
    StringRef name = entry.getLeafReference();
    auto known = kernels.find(name);
    if (known == kernels.end())
      return -1;
    auto [number, isNew] =
        numbers.try_emplace(name, int64_t(target.kernels.size()));
    if (isNew) {
      target.kernels.push_back(known->second);
      mpcrt::Kernel &added = target.kernels.back();
      if (!target.isCpu())
        added.access = accessOf(kernel, phase, entry, added.maps);
    }
    return number->second;
  }
};
} // namespace

Status mpc::addLaunches(ModuleOp module,
                        const llvm::StringMap<mpcrt::Kernel> &kernels,
                        mpcrt::Target &target) {
  LaunchList list(kernels, target);
  std::pair<StringRef, std::vector<mpcrt::Launch> *> entries[] = {
      {trainStepName, &target.trainStep},
      {forwardName, &target.forward},
      {deriveName, &target.derive}};
  for (auto [name, launches] : entries) {
    auto function = module.lookupSymbol<func::FuncOp>(name);
    if (!function)
      continue;
    for (auto kernel : function.getOps<KernelOp>()) {
      Status status = list.add(kernel, *launches);
      if (!status.ok())
        return status;
    }
  }
  return Status();
}
