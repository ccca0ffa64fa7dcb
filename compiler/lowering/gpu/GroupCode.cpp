#include "compiler/lowering/gpu/GroupCode.h"
#include "compiler/lowering/KernelCode.h"
#include "compiler/lowering/emit/LoopBuilder.h"
#include "compiler/lowering/gpu/TileCode.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mpc;

namespace {
/// A kernel of the group.
struct Member {
  KernelOp kernel;
  KernelPlan plan;
  SmallVector<unsigned> parameters; ///< of the group, by the member's buffer
};

/// Members with the same code: the same blocks, with other buffers.
struct Class {
  std::vector<Member> members;
  TilePhase tiles; ///< of one member
};
} // namespace

// The group's parameters are its inputs, its results and its members'
// workspaces.
static std::vector<Member> membersOf(KernelOp group) {
  std::vector<Member> members;
  ValueRange yielded = group.getBody().front().getTerminator()->getOperands();
  unsigned inputs = group->getNumOperands();
  unsigned workspace = inputs + group->getNumResults();
  for (auto kernel : group.getBody().front().getOps<KernelOp>()) {
    Member member = {kernel, *planKernel(kernel), {}};
    for (Value input : kernel.getInputs())
      member.parameters.push_back(cast<BlockArgument>(input).getArgNumber());
    for (Value result : kernel.getResults())
      member.parameters.push_back(
          inputs + unsigned(llvm::find(yielded, result) - yielded.begin()));
    for (size_t i = 0; i < member.plan.workspaces.size(); ++i)
      member.parameters.push_back(workspace++);
    members.push_back(std::move(member));
  }
  return members;
}

// All blocks have as many threads.
static std::vector<Class> classesOf(KernelOp group, size_t phase) {
  std::vector<Class> classes;
  llvm::StringMap<size_t> numbers;
  int64_t threads = 0;
  for (Member &member : membersOf(group)) {
    TilePhase tiles = {member.kernel, int64_t(phase), member.plan.tiles[phase],
                       (*tileTeams(member.kernel))[phase], 0};
    threads += tiles.tiles * tiles.team.size;
    auto [number, isNew] =
        numbers.try_emplace(codeKey(member.kernel), classes.size());
    if (isNew)
      classes.push_back({{}, tiles});
    classes[number->second].members.push_back(std::move(member));
  }
  for (Class &same : classes)
    same.tiles.threads = blockThreads(same.tiles.team, threads);
  return classes;
}

static int64_t blocksOf(const Class &same) {
  return int64_t(same.members.size()) * same.tiles.blocks();
}

GpuPhase mpc::groupPhase(KernelOp group, size_t phase) {
  GpuPhase launch;
  launch.grid[0] = 0;
  for (const Class &same : classesOf(group, phase)) {
    launch.grid[0] += blocksOf(same);
    launch.block[0] = same.tiles.threads;
    launch.sharedBytes =
        std::max(launch.sharedBytes, teamBytes(same.tiles.team));
  }
  return launch;
}

// A function of a member's buffers and the number of its block, for LLVM to
// inline.
static FailureOr<func::FuncOp> emitMember(const Class &same,
                                          func::FuncOp caller, size_t number) {
  const Member &first = same.members.front();
  KernelOp kernel = first.kernel;
  OpBuilder b(caller);
  SmallVector<Type> types = bufferTypes(kernel, first.plan.workspaces);
  types.push_back(b.getIndexType());
  auto function = func::FuncOp::create(b, kernel.getLoc(),
                                       caller.getSymName().str() + "_part" +
                                           std::to_string(number),
                                       b.getFunctionType(types, {}));
  function.setPrivate();
  function->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(b.getContext(), LLVM::linkage::Linkage::Internal));
  function->setAttr("passthrough", b.getStrArrayAttr({"alwaysinline"}));
  markApart(kernel, function, 0, types.size() - 1);
  b.setInsertionPointToStart(function.addEntryBlock());
  b.setInsertionPoint(func::ReturnOp::create(b, kernel.getLoc()));
  ValueRange buffers = function.getArguments().drop_back();
  size_t inputs = kernel->getNumOperands(), results = kernel.getNumResults();
  TileBuffers parameters = {
      buffers.take_front(inputs), buffers.slice(inputs, results),
      buffers.drop_front(inputs + results), function.getArguments().back()};
  if (failed(emitTiles(b, function, same.tiles, parameters)))
    return failure();
  return function;
}

// One of `values`, all different or all the same.
static Value choose(LoopBuilder &b, Value number, ArrayRef<Value> values,
                    int64_t first = 0) {
  if (llvm::all_equal(values))
    return values.front();
  size_t half = values.size() / 2;
  Value low = choose(b, number, values.take_front(half), first);
  Value high =
      choose(b, number, values.drop_front(half), first + int64_t(half));
  return b.select(b.less(number, b.index(first + int64_t(half))), low, high);
}

static void callMember(LoopBuilder &b, const Class &same, func::FuncOp member,
                       func::FuncOp caller, Value block) {
  Value number = b.div(block, same.tiles.blocks());
  SmallVector<Value> arguments;
  for (size_t i = 0; i < same.members.front().parameters.size(); ++i) {
    SmallVector<Value> values;
    for (const Member &each : same.members)
      values.push_back(caller.getArgument(each.parameters[i]));
    arguments.push_back(choose(b, number, values));
  }
  arguments.push_back(b.rem(block, same.tiles.blocks()));
  func::CallOp::create(b, member, arguments);
}

LogicalResult mpc::emitGroup(OpBuilder &b, func::FuncOp function,
                             KernelOp group, size_t phase) {
  LoopBuilder i(group.getLoc(), b);
  Value block = blockNumber(b, group.getLoc());
  int64_t begin = 0;
  for (auto [number, same] : llvm::enumerate(classesOf(group, phase))) {
    FailureOr<func::FuncOp> member = emitMember(same, function, number);
    if (failed(member))
      return failure();
    int64_t end = begin + blocksOf(same);
    Value isOurs =
        i.compare(arith::CmpIPredicate::ult, i.sub(block, i.index(begin)),
                  i.index(end - begin));
    i.branch(isOurs, [&] {
      callMember(i, same, *member, function, i.sub(block, i.index(begin)));
    });
    begin = end;
  }
  return success();
}
