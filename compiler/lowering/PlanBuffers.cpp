#include "compiler/analysis/Fusibility.h"
#include "compiler/analysis/Liveness.h"
#include "compiler/lowering/Buffers.h"
#include "compiler/lowering/KernelPlan.h"
#include "compiler/lowering/Passes.h"
#include "llvm/ADT/MapVector.h"

namespace mpc {
#define GEN_PASS_DEF_PLANBUFFERSPASS
#include "compiler/lowering/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

static constexpr int64_t arenaAlignment = 64;

static int64_t bytesOf(MemRefType type) {
  return elementCount(type.getShape()) * (type.getElementTypeBitWidth() / 8);
}

static int64_t bytesOf(Value value) {
  return bytesOf(memoryType(cast<RankedTensorType>(value.getType())));
}

// docs/artifact.md, "The status block".
static std::optional<std::pair<int64_t, int64_t>> statusField(StringRef name) {
  using Field = std::optional<std::pair<int64_t, int64_t>>;
  return llvm::StringSwitch<Field>(name)
      .Case("applied", {{0, 8}})
      .Case("applied_steps", {{8, 8}})
      .Case("skipped_steps", {{16, 8}})
      .Case("nonfinite_count", {{24, 8}})
      .Case("loss", {{32, 4}})
      .Case("loss_scale", {{36, 4}})
      .Case("next_loss_scale", {{40, 4}})
      .Case("grad_norm", {{44, 4}})
      .Case("lr", {{48, 4}})
      .Default(std::nullopt);
}

namespace {
/// The buffer table, without duplicates.
class Table {
public:
  explicit Table(MLIRContext *context) : b(context) {}

  int64_t add(StringRef kind, ArrayRef<NamedAttribute> fields) {
    NamedAttrList list(fields);
    list.append("kind", b.getStringAttr(kind));
    entries.insert(list.getDictionary(b.getContext()));
    return llvm::find(entries, list.getDictionary(b.getContext())) -
           entries.begin();
  }
  int64_t addIndexed(StringRef kind, int64_t index) {
    return add(kind, {field("index", index)});
  }
  int64_t addRange(StringRef kind, int64_t offset, int64_t bytes) {
    return add(kind, {field("offset", offset), field("bytes", bytes)});
  }
  int64_t addConstant(ElementsAttr value) {
    return add("constant", {b.getNamedAttr("value", value)});
  }
  ArrayAttr attribute() { return b.getArrayAttr(entries.getArrayRef()); }

private:
  Builder b;
  llvm::SetVector<Attribute> entries;

  NamedAttribute field(StringRef name, int64_t value) {
    return b.getNamedAttr(name, b.getI64IntegerAttr(value));
  }
};

/// Buffers of one function.
class FunctionPlan {
public:
  FunctionPlan(func::FuncOp function, Table &table,
               const llvm::StringMap<int64_t> &states)
      : function(function), table(table), states(states),
        kernels(function.getOps<KernelOp>()) {}

  LogicalResult run() {
    if (failed(placeFixed()) || failed(placeResults()))
      return failure();
    for (auto [i, kernel] : llvm::enumerate(kernels))
      if (failed(addWorkspaces(int64_t(i), kernel)))
        return failure();
    ArenaLayout layout =
        targetOf(function).isGpu()
            ? layOutConcurrentArena(blocks, users, order(), arenaAlignment)
            : layOutArena(blocks, arenaAlignment);
    arenaBytes = layout.bytes;
    for (KernelOp kernel : kernels)
      assign(kernel, layout);
    return success();
  }

  int64_t arenaBytes = 0;

private:
  func::FuncOp function;
  Table &table;
  const llvm::StringMap<int64_t> &states;
  SmallVector<KernelOp> kernels;
  llvm::DenseMap<Value, int64_t> fixed; ///< value -> entry of the table
  llvm::DenseMap<Value, size_t> blockOf;
  llvm::DenseMap<Operation *, SmallVector<size_t>> workspaceBlocks;
  SmallVector<LiveBlock> blocks;
  SmallVector<llvm::BitVector> users; ///< kernels, of each block

  // A block that kernel `number` is the first to use.
  size_t addBlock(int64_t bytes, int64_t number) {
    blocks.push_back({bytes, number, number});
    users.emplace_back(unsigned(kernels.size())).set(unsigned(number));
    return blocks.size() - 1;
  }

  // A kernel waits for those that make its inputs, and for those that read a
  // state which it writes.
  KernelOrder order() {
    KernelOrder order(kernels.size());
    llvm::DenseMap<Operation *, size_t> numbers;
    llvm::DenseMap<int64_t, SmallVector<size_t>> readers;
    for (auto [i, kernel] : llvm::enumerate(kernels)) {
      numbers[kernel] = i;
      for (Value input : kernel.getInputs())
        if (auto writer = viewedValue(input).getDefiningOp<KernelOp>())
          order.add(i, numbers.lookup(writer));
        else if (auto place = fixed.find(viewedValue(input));
                 place != fixed.end())
          readers[place->second].push_back(i);
      for (Value result : kernel.getResults())
        if (auto place = fixed.find(result); place != fixed.end())
          for (size_t reader : readers.lookup(place->second))
            if (reader != i)
              order.add(i, reader);
    }
    return order;
  }

  int64_t stateBuffer(Attribute state) {
    StringRef name = cast<FlatSymbolRefAttr>(state).getValue();
    return table.addIndexed("state", states.lookup(name));
  }

  // What has a place of its own: arguments, states, constants.
  LogicalResult placeFixed() {
    int64_t inputs = 0;
    for (BlockArgument argument : function.getArguments()) {
      bool label =
          bool(function.getArgAttr(argument.getArgNumber(), "mpc.label"));
      fixed[argument] =
          label ? table.add("label", {}) : table.addIndexed("input", inputs++);
    }
    for (auto read : function.getOps<ReadOp>())
      fixed[read.getResult()] = stateBuffer(read.getStateAttr());
    // Those that only the terminator names need no place.
    for (auto constant : function.getOps<ConstantOp>())
      if (llvm::any_of(constant->getUsers(), [](Operation *user) {
            return !user->hasTrait<OpTrait::IsTerminator>();
          }))
        fixed[constant.getResult()] = table.addConstant(constant.getValue());
    return success();
  }

  // Results go where the terminator wants them.
  LogicalResult placeResults() {
    Operation *end = function.front().getTerminator();
    auto commit = dyn_cast<CommitOp>(end);
    if (!commit) {
      for (OpOperand &operand : end->getOpOperands())
        if (failed(
                place(operand.get(),
                      table.addIndexed("output", operand.getOperandNumber()))))
          return failure();
      return placeTemporaries();
    }
    if (failed(placeStates(commit.getPredicated(),
                           commit.getPredicatedStates())) ||
        failed(placeStates(commit.getAlways(), commit.getAlwaysStates())))
      return failure();
    for (auto [value, name] : llvm::zip_equal(
             commit.getStatus(),
             commit.getStatusNames().getAsValueRange<StringAttr>())) {
      auto field = statusField(name);
      if (!field)
        return commit.emitOpError("reports '")
               << name << "', which the status block does not have";
      if (bytesOf(value) != field->second)
        return commit.emitOpError("reports '")
               << name << "' as " << value.getType() << "; expected "
               << field->second << " bytes";
      if (failed(place(value,
                       table.addRange("status", field->first, field->second))))
        return failure();
    }
    return placeTemporaries();
  }

  LogicalResult placeStates(ValueRange values, ArrayAttr names) {
    for (auto [value, state] : llvm::zip_equal(values, names)) {
      auto read = value.getDefiningOp<ReadOp>();
      if (read && read.getStateAttr() == state)
        continue; // keeps its value
      if (failed(place(value, stateBuffer(state))) ||
          failed(checkReaders(value, state)))
        return failure();
    }
    return success();
  }

  LogicalResult place(Value value, int64_t buffer) {
    Value base = viewedValue(value);
    if (!base.getDefiningOp<KernelOp>() ||
        !fixed.try_emplace(base, buffer).second)
      return function.front().getTerminator()->emitOpError()
             << "writes a value of type " << value.getType()
             << " that is not a kernel's own result";
    return success();
  }

  // No kernel after the one that writes a state may read the old value.
  LogicalResult checkReaders(Value value, Attribute state) {
    Operation *writer = value.getDefiningOp();
    for (auto read : function.getOps<ReadOp>())
      if (read.getStateAttr() == state)
        for (KernelOp kernel : kernels)
          for (Value input : kernel.getInputs())
            if (viewedValue(input) == read.getResult() &&
                writer->isBeforeInBlock(kernel))
              return kernel.emitOpError("reads ")
                     << state << " after another kernel has written it";
    return success();
  }

  LogicalResult placeTemporaries() {
    for (auto [i, kernel] : llvm::enumerate(kernels)) {
      for (Value result : kernel.getResults())
        if (!fixed.contains(result))
          blockOf[result] = addBlock(bytesOf(result), int64_t(i));
      for (Value input : kernel.getInputs()) {
        auto block = blockOf.find(viewedValue(input));
        if (block == blockOf.end())
          continue;
        blocks[block->second].last = int64_t(i);
        users[block->second].set(unsigned(i));
      }
    }
    return success();
  }

  LogicalResult addWorkspaces(int64_t number, KernelOp kernel) {
    FailureOr<KernelPlan> plan = planKernel(kernel);
    if (failed(plan))
      return failure();
    Builder b(kernel);
    kernel.setTilesAttr(b.getDenseI64ArrayAttr(plan->tiles));
    SmallVector<int64_t> sizes;
    for (MemRefType type : plan->workspaces) {
      sizes.push_back(bytesOf(type));
      workspaceBlocks[kernel].push_back(addBlock(sizes.back(), number));
    }
    kernel.setWorkspacesAttr(b.getDenseI64ArrayAttr(sizes));
    return success();
  }

  void assign(KernelOp kernel, const ArenaLayout &layout) {
    SmallVector<int64_t> buffers;
    auto add = [&](size_t block) {
      buffers.push_back(
          table.addRange("arena", layout.offsets[block], blocks[block].bytes));
    };
    SmallVector<Value> values(kernel.getInputs());
    llvm::append_range(values, kernel.getResults());
    for (Value value : values) {
      auto place = fixed.find(viewedValue(value));
      if (place != fixed.end())
        buffers.push_back(place->second);
      else
        add(blockOf.lookup(viewedValue(value)));
    }
    for (size_t block : workspaceBlocks.lookup(kernel))
      add(block);
    kernel.setBuffersAttr(Builder(kernel).getDenseI64ArrayAttr(buffers));
  }
};

struct PlanBuffers : mpc::impl::PlanBuffersPassBase<PlanBuffers> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::StringMap<int64_t> states;
    for (auto [i, state] : llvm::enumerate(module.getOps<StateOp>()))
      states[state.getSymName()] = int64_t(i);
    Table table(&getContext());
    int64_t arenaBytes = 0;
    for (auto function : module.getOps<func::FuncOp>()) {
      FunctionPlan plan(function, table, states);
      if (failed(plan.run()))
        return signalPassFailure();
      arenaBytes = std::max(arenaBytes, plan.arenaBytes);
    }
    Builder b(&getContext());
    module->setAttr(bufferTableName, table.attribute());
    module->setAttr(arenaBytesName, b.getI64IntegerAttr(arenaBytes));
  }
};
} // namespace
