#include "compiler/reference/Interpreter.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/reference/ReferenceOpInterface.h"

#include "compiler/reference/ReferenceOpInterface.cpp.inc"

using namespace mlir;

namespace mpc::reference {
namespace {

// One execution of a block: the value of everything computed so far.
class Frame {
public:
  Frame(const TensorMap &states, Mode mode) : states(states), mode(mode) {}

  void bind(Value value, Tensor tensor) {
    values[value] = std::make_unique<Tensor>(std::move(tensor));
  }
  const Tensor &operator[](Value value) const { return *values.at(value); }

  // Runs every op of the block but its terminator.
  LogicalResult runBody(Block &block) {
    for (Operation &op : block.without_terminator())
      if (failed(runOp(&op)))
        return failure();
    return success();
  }

private:
  LogicalResult runOp(Operation *op) {
    if (auto read = dyn_cast<ReadOp>(op))
      return runRead(read);
    auto inputs = llvm::map_to_vector(
        op->getOperands(), [&](Value v) { return values.at(v).get(); });
    auto results = evaluate(
        op, SmallVector<const Tensor *>(inputs.begin(), inputs.end()), mode);
    if (failed(results))
      return failure();
    for (auto [value, tensor] : llvm::zip(op->getResults(), *results))
      bind(value, std::move(tensor));
    return success();
  }

  LogicalResult runRead(ReadOp read) {
    auto state = states.find(read.getState());
    if (state == states.end())
      return read.emitOpError("reads @")
             << read.getState() << ", which was given no value";
    if (state->second.type != read.getType())
      return read.emitOpError("reads @")
             << read.getState() << " as " << read.getType()
             << ", but its value is " << state->second.type;
    bind(read, state->second);
    return success();
  }

  const TensorMap &states;
  Mode mode;
  llvm::DenseMap<Value, std::unique_ptr<Tensor>> values;
};

} // namespace

static FailureOr<SmallVector<Tensor>>
evaluateKernel(KernelOp kernel, ArrayRef<const Tensor *> inputs, Mode mode) {
  TensorMap noStates;
  Frame frame(noStates, mode);
  Block &block = kernel.getBody().front();
  for (auto [argument, input] : llvm::zip(block.getArguments(), inputs))
    frame.bind(argument, *input);
  if (failed(frame.runBody(block)))
    return failure();
  return llvm::map_to_vector(block.getTerminator()->getOperands(),
                             [&](Value v) { return frame[v]; });
}

FailureOr<SmallVector<Tensor>>
evaluate(Operation *op, ArrayRef<const Tensor *> inputs, Mode mode) {
  if (auto kernel = dyn_cast<KernelOp>(op))
    return evaluateKernel(kernel, inputs, mode);
  auto model = dyn_cast<ReferenceOpInterface>(op);
  if (!model) {
    op->emitOpError("has no reference semantics");
    return failure();
  }
  auto results = llvm::map_to_vector(op->getResultTypes(), [](Type type) {
    return Tensor(cast<RankedTensorType>(type));
  });
  if (failed(model.evaluate(inputs, results)))
    return failure();
  for (Tensor &result : results)
    if (mode == Mode::Rounded || !result.isFloat())
      roundElements(result);
  return results;
}

static void commit(CommitOp op, const Frame &frame, const TensorMap &before,
                   Outcome &outcome) {
  outcome.applied = !op.getApplied() || frame[op.getApplied()].integer() != 0;
  outcome.states = before;
  auto write = [&](ArrayAttr names, ValueRange values) {
    for (auto [name, value] :
         llvm::zip(names.getAsRange<FlatSymbolRefAttr>(), values))
      outcome.states[name.getValue()] = frame[value];
  };
  if (outcome.applied)
    write(op.getPredicatedStates(), op.getPredicated());
  write(op.getAlwaysStates(), op.getAlways());
  for (auto [name, value] :
       llvm::zip(op.getStatusNames().getAsRange<StringAttr>(), op.getStatus()))
    outcome.status[name.getValue()] = frame[value];
}

static LogicalResult bindArguments(func::FuncOp function,
                                   ArrayRef<Tensor> arguments, Frame &frame) {
  if (arguments.size() != function.getNumArguments())
    return function.emitOpError("was given ")
           << arguments.size() << " arguments; expected "
           << function.getNumArguments();
  for (auto [argument, tensor] :
       llvm::zip(function.getArguments(), arguments)) {
    if (tensor.type != argument.getType())
      return function.emitOpError("was given ")
             << tensor.type << " for argument " << argument.getArgNumber()
             << " of type " << argument.getType();
    frame.bind(argument, tensor);
  }
  return success();
}

FailureOr<Outcome> run(func::FuncOp function, const TensorMap &states,
                       ArrayRef<Tensor> arguments, Mode mode) {
  if (!function.getBody().hasOneBlock()) {
    function.emitOpError("has ")
        << function.getBody().getBlocks().size() << " blocks; expected one";
    return failure();
  }
  Block &block = function.getBody().front();
  Frame frame(states, mode);
  if (failed(bindArguments(function, arguments, frame)) ||
      failed(frame.runBody(block)))
    return failure();

  Outcome outcome;
  Operation *terminator = block.getTerminator();
  if (auto op = dyn_cast<CommitOp>(terminator)) {
    commit(op, frame, states, outcome);
  } else if (auto op = dyn_cast<GradientsOp>(terminator)) {
    outcome.loss = frame[op.getLoss()];
    for (auto [name, gradient] :
         llvm::zip(op.getParameters().getAsRange<FlatSymbolRefAttr>(),
                   op.getGradients()))
      outcome.gradients[name.getValue()] = frame[gradient];
  } else if (isa<func::ReturnOp>(terminator)) {
    for (Value value : terminator->getOperands())
      outcome.values.push_back(frame[value]);
  } else {
    terminator->emitOpError("ends the function; expected func.return, "
                            "mpc.gradients or mpc.commit");
    return failure();
  }
  return outcome;
}

} // namespace mpc::reference
