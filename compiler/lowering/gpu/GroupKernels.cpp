#include "compiler/analysis/Fusibility.h"
#include "compiler/analysis/Providers.h"
#include "compiler/lowering/Passes.h"
#include "compiler/lowering/gpu/GroupCode.h"
#include "compiler/lowering/gpu/TileCode.h"
#include "mlir/IR/IRMapping.h"

namespace mpc {
#define GEN_PASS_DEF_GROUPKERNELSPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

// A launch takes up to 32764 bytes of parameters from compute capability 7.0
// and CUDA 12.1 on (CUDA programming guide, "Function Parameters"): pointers
// of 8.
static constexpr size_t maxPointers = 4095;
static constexpr int64_t smallBytes = 1 << 20;

namespace {
/// The kernels of a function and what each must wait for.
class Kernels {
public:
  explicit Kernels(func::FuncOp function)
      : function(function), list(function.getOps<KernelOp>()) {
    for (auto [i, kernel] : llvm::enumerate(list))
      numbers[kernel] = i;
    waitsFor.resize(list.size());
    for (auto [i, kernel] : llvm::enumerate(list))
      for (Value input : kernel.getInputs())
        if (auto writer = viewedValue(input).getDefiningOp<KernelOp>())
          waitsFor[i].insert(numbers.lookup(writer));
    if (auto commit = dyn_cast<CommitOp>(function.front().getTerminator())) {
      addReaders(commit.getPredicated(), commit.getPredicatedStates());
      addReaders(commit.getAlways(), commit.getAlwaysStates());
    }
    // A library's launch is one node; nothing can share it.
    for (KernelOp kernel : list)
      teams.push_back(kernel.getProvider() == generatedProvider
                          ? tileTeams(kernel)
                          : std::nullopt);
  }

  /// Kernels that may run side by side, group by group in order.
  SmallVector<SmallVector<KernelOp>> groups() {
    SmallVector<SmallVector<KernelOp>> result;
    SmallVector<bool> done(list.size(), false);
    for (size_t first = 0; first < list.size(); ++first) {
      if (done[first])
        continue;
      SmallVector<size_t> group = groupOf(first, done);
      SmallVector<KernelOp> members;
      for (size_t member : group) {
        done[member] = true;
        members.push_back(list[member]);
      }
      result.push_back(members);
    }
    return result;
  }

private:
  func::FuncOp function;
  SmallVector<KernelOp> list;
  llvm::DenseMap<Operation *, size_t> numbers;
  SmallVector<llvm::SetVector<size_t>> waitsFor;
  SmallVector<std::optional<SmallVector<TeamShape>>> teams;

  // A committed value lies where the old one does, so its writer waits for all
  // other readers.
  void addReaders(ValueRange values, ArrayAttr states) {
    for (auto [value, state] : llvm::zip_equal(values, states)) {
      auto writer = viewedValue(value).getDefiningOp<KernelOp>();
      if (!writer)
        continue;
      for (auto [i, kernel] : llvm::enumerate(list))
        for (Value input : kernel.getInputs()) {
          auto read = viewedValue(input).getDefiningOp<ReadOp>();
          if (read && read.getStateAttr() == state && kernel != writer)
            waitsFor[numbers.lookup(writer)].insert(i);
        }
    }
  }

  SmallVector<size_t> groupOf(size_t first, ArrayRef<bool> done) {
    SmallVector<size_t> group = {first};
    if (!teams[first])
      return group;
    size_t pointers = pointersOf(first);
    bool isBehind = false; // whether a kernel stays between
    for (size_t i = first + 1; i < list.size(); ++i) {
      if (done[i])
        continue;
      bool joins =
          fits(first, i) &&
          llvm::all_of(waitsFor[i], [&](size_t j) { return done[j]; }) &&
          pointers + pointersOf(i) <= maxPointers &&
          (!isBehind || arenaBytes(i) <= smallBytes);
      if (!joins) {
        isBehind = true;
        continue;
      }
      pointers += pointersOf(i);
      group.push_back(i);
    }
    return group;
  }

  bool fits(size_t a, size_t b) const {
    return teams[b] && teams[a]->size() == teams[b]->size() &&
           llvm::all_of(llvm::zip(*teams[a], *teams[b]), [](auto pair) {
             return shareBlocks(std::get<0>(pair), std::get<1>(pair));
           });
  }

  size_t pointersOf(size_t i) {
    return list[i]->getNumOperands() + list[i]->getNumResults() +
           planKernel(list[i])->workspaces.size();
  }

  // Of the results that the function does not end with.
  int64_t arenaBytes(size_t i) {
    int64_t bytes = 0;
    for (Value result : list[i].getResults())
      if (llvm::any_of(result.getUsers(), [](Operation *user) {
            return !user->hasTrait<OpTrait::IsTerminator>();
          }))
        bytes += bytesOf(result);
    return bytes;
  }
};

struct GroupKernels : mpc::impl::GroupKernelsPassBase<GroupKernels> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !targetOf(function).isGpu())
      return;
    raiseViews(function);
    for (ArrayRef<KernelOp> members : Kernels(function).groups())
      if (members.size() > 1)
        form(members);
  }

  // Right behind what they view, so that they stand before every group that
  // reads them.
  static void raiseViews(func::FuncOp function) {
    Block &block = function.front();
    for (auto view : llvm::make_early_inc_range(block.getOps<ReshapeOp>())) {
      if (Operation *viewed = view.getInput().getDefiningOp())
        view->moveAfter(viewed);
      else
        view->moveBefore(&block, block.begin());
    }
  }

  // The group may stand before the place of a member whose result they view.
  static void raiseViewsOf(Operation *viewed) {
    for (Operation *user : llvm::to_vector(viewed->getUsers()))
      if (isa<ReshapeOp>(user)) {
        user->moveAfter(viewed);
        raiseViewsOf(user);
      }
  }

  static void form(ArrayRef<KernelOp> members) {
    llvm::SetVector<Value> inputs;
    SmallVector<Value> results;
    SmallVector<Location> locations;
    for (KernelOp member : members) {
      inputs.insert_range(member.getInputs());
      llvm::append_range(results, member.getResults());
      locations.push_back(member.getLoc());
    }
    OpBuilder b(members.front());
    Location loc = b.getFusedLoc(locations);
    auto group = KernelOp::create(b, loc, TypeRange(ValueRange(results)),
                                  inputs.getArrayRef(), KernelOp::groupRoot,
                                  generatedProvider, {}, {}, {}, {});
    Block &body = group.getBody().emplaceBlock();
    IRMapping inside;
    for (Value input : inputs)
      inside.map(input, body.addArgument(input.getType(), input.getLoc()));
    b.setInsertionPointToEnd(&body);
    SmallVector<Value> yielded;
    for (KernelOp member : members)
      llvm::append_range(yielded, b.clone(*member, inside)->getResults());
    YieldOp::create(b, loc, yielded);
    for (auto [old, result] : llvm::zip_equal(results, group.getResults()))
      old.replaceAllUsesWith(result);
    for (KernelOp member : members)
      member.erase();
    raiseViewsOf(group);
  }
};
} // namespace
