#include "compiler/analysis/Fusibility.h"
#include "compiler/analysis/Providers.h"
#include "mlir/IR/IRMapping.h"
#include "passes/schedule/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_FORMKERNELSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

namespace {
/// The kernels of a function and the order in which they may run.
class Schedule {
public:
  explicit Schedule(func::FuncOp function)
      : function(function), partition(function) {
    partition.fuse();
    for (const auto &kernel : partition.kernels())
      after.push_back(
          partition.usersOf(int64_t(&kernel - partition.kernels().data())));
  }

  /// Orders the writer of `state` after its other readers, so that `value` can
  /// be written in place. False if that is impossible.
  bool writeInPlace(Value value, FlatSymbolRefAttr state) {
    int64_t writer = partition.kernelOf(value.getDefiningOp());
    llvm::SetVector<int64_t> readers;
    for (auto read : function.getOps<ReadOp>())
      if (read.getStateAttr() == state &&
          !collectReaders(read.getResult(), value, writer, readers))
        return false;
    readers.remove(writer);
    for (int64_t reader : readers)
      if (reaches(writer, reader))
        return false;
    for (int64_t reader : readers)
      after[size_t(reader)].insert(writer);
    return true;
  }

  /// Kernels in an order that respects data and writes in place, as close as
  /// possible to the function's.
  SmallVector<const KernelPartition::Kernel *> order() const {
    size_t count = after.size();
    SmallVector<size_t> waiting(count, 0);
    for (const auto &next : after)
      for (int64_t user : next)
        ++waiting[size_t(user)];
    SmallVector<const KernelPartition::Kernel *> result;
    SmallVector<bool> done(count, false);
    for (size_t i = 0; i < count;) {
      const auto &kernel = partition.kernels()[i];
      if (done[i] || waiting[i] > 0) {
        ++i;
        continue;
      }
      done[i] = true;
      if (!kernel.ops.empty())
        result.push_back(&kernel);
      // Kernels that had to wait for this one may stand before it.
      size_t next = i + 1;
      for (int64_t user : after[i])
        if (--waiting[size_t(user)] == 0)
          next = std::min(next, size_t(user));
      i = next;
    }
    return result;
  }

private:
  func::FuncOp function;
  KernelPartition partition;
  SmallVector<llvm::SetVector<int64_t>> after; ///< kernel -> must come later

  // Adds the kernels that read `read` or a view of it. False if the writer
  // itself reads it other than element by element.
  bool collectReaders(Value read, Value written, int64_t writer,
                      llvm::SetVector<int64_t> &readers) const {
    for (Operation *user : read.getUsers()) {
      if (auto view = dyn_cast<ReshapeOp>(user)) {
        if (!collectReaders(view.getResult(), written, writer, readers))
          return false;
        continue;
      }
      int64_t kernel = partition.kernelOf(user);
      if (kernel < 0)
        continue;
      readers.insert(kernel);
      bool readsElsewhere = partition.kernels()[size_t(kernel)].root ||
                            isa<ExpandRowsOp>(user) ||
                            read.getType() != written.getType();
      if (kernel == writer && readsElsewhere)
        return false;
    }
    return true;
  }

  bool reaches(int64_t from, int64_t to) const {
    llvm::SetVector<int64_t> reached = after[size_t(from)];
    for (size_t i = 0; i < reached.size(); ++i) {
      if (reached[i] == to)
        return true;
      reached.insert_range(after[size_t(reached[i])]);
    }
    return false;
  }
};

/// Moves ops into kernels, one after another.
class Outliner {
public:
  explicit Outliner(func::FuncOp function)
      : end(function.front().getTerminator()), b(end) {
    for (Operation &op : function.front())
      if (isa<ReadOp, ConstantOp>(op))
        available.push_back(&op);
    for (Operation *op : llvm::reverse(available))
      op->moveBefore(&function.front(), function.front().begin());
  }

  void outline(const KernelPartition::Kernel &kernel) {
    SmallVector<Operation *> ops;
    for (Operation &op : *end->getBlock())
      if (kernel.ops.contains(&op))
        ops.push_back(&op);
    llvm::SetVector<Value> inputs, results;
    for (Operation *op : ops) {
      for (Value operand : op->getOperands())
        if (!kernel.ops.contains(operand.getDefiningOp()) && !isSplat(operand))
          inputs.insert(operand);
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !kernel.ops.contains(user);
            }))
          results.insert(result);
    }
    build(kernel, ops, inputs.getArrayRef(), results.getArrayRef());
  }

  /// A kernel that only copies.
  Value copy(Value value, Location loc) {
    auto kernel =
        KernelOp::create(b, loc, value.getType(), outside(value), "elementwise",
                         generatedProvider, {}, {}, {}, {});
    Block &body = kernel.getBody().emplaceBlock();
    Value argument = body.addArgument(value.getType(), loc);
    OpBuilder inner = OpBuilder::atBlockEnd(&body);
    YieldOp::create(inner, loc, argument);
    return kernel.getResult(0);
  }

  void finish() {
    for (OpOperand &operand : end->getOpOperands())
      operand.set(outside(operand.get()));
    Block &block = *end->getBlock();
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (&op != end && !isa<KernelOp>(op) && op.use_empty())
        op.erase();
  }

  /// What stands for `value` outside of kernels.
  Value outside(Value value) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    auto view = value.getDefiningOp<ReshapeOp>();
    if (!view)
      return value;
    Value base = outside(view.getInput());
    auto copied = cast<ReshapeOp>(b.clone(*view));
    copied.getInputMutable().set(base);
    mapping.map(value, copied.getResult());
    return copied.getResult();
  }

private:
  Operation *end;
  OpBuilder b;
  IRMapping mapping;
  SmallVector<Operation *> available;

  static bool isSplat(Value value) {
    auto constant = value.getDefiningOp<ConstantOp>();
    return constant && isa<SplatElementsAttr>(constant.getValue());
  }

  static StringRef providerOf(Operation *named) {
    auto provider = named->getAttrOfType<StringAttr>(providerAttrName);
    return provider ? provider.getValue() : StringRef(generatedProvider);
  }

  void build(const KernelPartition::Kernel &kernel, ArrayRef<Operation *> ops,
             ArrayRef<Value> inputs, ArrayRef<Value> results) {
    SmallVector<Value> operands;
    for (Value input : inputs)
      operands.push_back(outside(input));
    Operation *named = kernel.root ? kernel.root : ops.back();
    StringRef root =
        kernel.root ? kernel.root->getName().getStringRef() : "elementwise";
    auto op =
        KernelOp::create(b, named->getLoc(), TypeRange(ValueRange(results)),
                         operands, root, providerOf(named), {}, {}, {}, {});
    Block &body = op.getBody().emplaceBlock();
    IRMapping inside;
    for (Value input : inputs)
      inside.map(input, body.addArgument(input.getType(), input.getLoc()));
    OpBuilder inner = OpBuilder::atBlockEnd(&body);
    for (Operation *old : ops) {
      for (Value operand : old->getOperands())
        if (isSplat(operand) && !inside.contains(operand))
          inner.clone(*operand.getDefiningOp(), inside);
      inner.clone(*old, inside)->removeAttr(providerAttrName);
    }
    SmallVector<Value> yielded;
    for (Value result : results)
      yielded.push_back(inside.lookup(result));
    YieldOp::create(inner, named->getLoc(), yielded);
    for (auto [result, value] : llvm::zip_equal(results, op.getResults()))
      mapping.map(result, value);
  }
};

struct FormKernels : mpc::impl::FormKernelsPassBase<FormKernels> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    if (failed(checkOps(function)))
      return signalPassFailure();
    eraseDeadOps(function);
    Schedule schedule(function);
    SmallVector<OpOperand *> copied;
    if (auto commit = dyn_cast<CommitOp>(function.front().getTerminator())) {
      auto write = [&](MutableOperandRange values, ArrayAttr states) {
        for (auto [i, state] : llvm::enumerate(states)) {
          OpOperand &value = values[unsigned(i)];
          if (!value.get().getDefiningOp<ReadOp>() &&
              !schedule.writeInPlace(value.get(),
                                     cast<FlatSymbolRefAttr>(state)))
            copied.push_back(&value);
        }
      };
      write(commit.getPredicatedMutable(), commit.getPredicatedStates());
      write(commit.getAlwaysMutable(), commit.getAlwaysStates());
    }
    Outliner outliner(function);
    for (const KernelPartition::Kernel *kernel : schedule.order())
      outliner.outline(*kernel);
    for (OpOperand *operand : copied)
      operand->set(outliner.copy(operand->get(), operand->get().getLoc()));
    outliner.finish();
  }

  // Kernels hold ops of this dialect and nothing else.
  static LogicalResult checkOps(func::FuncOp function) {
    bool allKnown = true;
    for (Operation &op : function.front().without_terminator())
      if (!isa_and_present<MpcDialect>(op.getDialect())) {
        op.emitOpError("cannot be put into a kernel; expected an op of the mpc "
                       "dialect");
        allKnown = false;
      }
    return success(allKnown);
  }

  static void eraseDeadOps(func::FuncOp function) {
    for (Operation &op :
         llvm::make_early_inc_range(llvm::reverse(function.front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  }
};
} // namespace
