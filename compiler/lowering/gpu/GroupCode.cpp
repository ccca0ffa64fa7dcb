#include "compiler/lowering/gpu/GroupCode.h"
#include "compiler/lowering/KernelCode.h"
#include "compiler/lowering/emit/LoopBuilder.h"
#include "compiler/lowering/gpu/TileCode.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mpc;

namespace {
/// A kernel of the group.
struct Member {
  KernelOp kernel;
  KernelPlan plan;
  SmallVector<size_t> buffers; ///< the group's, by the member's
};

/// Members with the same code: the same blocks, with other buffers.
struct Class {
  std::vector<Member> members;
  TilePhase tiles; ///< of one member
};
} // namespace

// The group's buffers are its inputs, its results and its members' workspaces.
static std::vector<Member> membersOf(KernelOp group) {
  std::vector<Member> members;
  ValueRange yielded = group.getBody().front().getTerminator()->getOperands();
  size_t inputs = group->getNumOperands();
  size_t workspace = inputs + group->getNumResults();
  for (auto kernel : group.getBody().front().getOps<KernelOp>()) {
    Member member = {kernel, *planKernel(kernel), {}};
    for (Value input : kernel.getInputs())
      member.buffers.push_back(cast<BlockArgument>(input).getArgNumber());
    for (Value result : kernel.getResults())
      member.buffers.push_back(
          inputs + size_t(llvm::find(yielded, result) - yielded.begin()));
    for (size_t i = 0; i < member.plan.workspaces.size(); ++i)
      member.buffers.push_back(workspace++);
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

// A row of buffers per member, members of a class one after another.
SmallVector<size_t> mpc::groupTable(KernelOp group) {
  SmallVector<size_t> table;
  for (const Class &same : classesOf(group, 0))
    for (const Member &member : same.members)
      llvm::append_range(table, member.buffers);
  return table;
}

static std::string partName(StringRef entry, size_t number) {
  return entry.str() + "_part" + std::to_string(number);
}

SmallVector<std::pair<KernelOp, std::string>>
mpc::groupFunctions(KernelOp group, size_t phase, StringRef entry) {
  SmallVector<std::pair<KernelOp, std::string>> functions;
  for (auto [number, same] : llvm::enumerate(classesOf(group, phase)))
    for (const Member &member : same.members)
      functions.push_back({member.kernel, partName(entry, number)});
  return functions;
}

GpuPhase mpc::groupPhase(KernelOp group, size_t phase) {
  GpuPhase launch;
  launch.grid[0] = 0;
  for (const Class &same : classesOf(group, phase)) {
    launch.grid[0] += blocksOf(same);
    launch.block[0] = same.tiles.threads;
    launch.sharedBytes =
        std::max(launch.sharedBytes, teamBytes(same.tiles.team));
    for (const Member &member : same.members)
      launch.table += int64_t(member.buffers.size());
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

// Where a pointer points to, as the conversion to LLVM has memory.
static Value memoryAt(LoopBuilder &b, Value pointer, MemRefType type) {
  LLVMTypeConverter converter(b.getContext());
  Value descriptor = MemRefDescriptor::fromStaticShape(b, b.getLoc(), converter,
                                                       type, pointer);
  return UnrealizedConversionCastOp::create(b, type, descriptor).getResult(0);
}

// `block` counts from the class's first; `row` is its place in the table.
static void callMember(LoopBuilder &b, const Class &same, size_t row,
                       func::FuncOp member, Value table, Value block) {
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  size_t width = same.members.front().buffers.size();
  Value first = b.mulAdd(b.div(block, same.tiles.blocks()), int64_t(width),
                         b.index(int64_t(row)));
  SmallVector<Value> arguments;
  for (size_t i = 0; i < width; ++i) {
    Value place =
        arith::IndexCastOp::create(b, b.getI64Type(), b.add(first, int64_t(i)));
    Value address = LLVM::GEPOp::create(b, pointer, pointer, table,
                                        ArrayRef<LLVM::GEPArg>{place});
    arguments.push_back(
        memoryAt(b, LLVM::LoadOp::create(b, pointer, address),
                 cast<MemRefType>(member.getArgument(i).getType())));
  }
  arguments.push_back(b.rem(block, same.tiles.blocks()));
  func::CallOp::create(b, member, arguments);
}

namespace {
/// A class with its code: blocks from `begin` on, rows of the table from `row`.
struct EmittedClass {
  Class same;
  func::FuncOp function;
  int64_t begin;
  size_t row;
};
} // namespace

// The class of `block` is found by halving, as there may be dozens.
static void callClass(LoopBuilder &b, ArrayRef<EmittedClass> among, Value table,
                      Value block) {
  if (among.size() == 1) {
    const EmittedClass &one = among.front();
    return callMember(b, one.same, one.row, one.function, table,
                      b.sub(block, b.index(one.begin)));
  }
  ArrayRef<EmittedClass> first = among.take_front(among.size() / 2),
                         second = among.drop_front(first.size());
  b.branch(
      b.less(block, b.index(second.front().begin)),
      [&] { callClass(b, first, table, block); },
      [&] { callClass(b, second, table, block); });
}

LogicalResult mpc::emitGroup(OpBuilder &b, func::FuncOp function,
                             KernelOp group, size_t phase) {
  std::vector<EmittedClass> emitted;
  int64_t blocks = 0;
  size_t row = 0;
  for (auto [number, same] : llvm::enumerate(classesOf(group, phase))) {
    FailureOr<func::FuncOp> member = emitMember(same, function, number);
    if (failed(member))
      return failure();
    emitted.push_back({same, *member, blocks, row});
    blocks += blocksOf(same);
    row += same.members.size() * same.members.front().buffers.size();
  }
  LoopBuilder i(group.getLoc(), b);
  callClass(i, emitted, function.getArgument(0),
            blockNumber(b, group.getLoc(), blocks));
  return success();
}
