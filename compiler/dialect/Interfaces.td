// What passes may ask an op. Derivatives, reference semantics and lowerings are
// external models, attached by the folders that own them.
#ifndef MPC_INTERFACES
#define MPC_INTERFACES

include "mlir/IR/OpBase.td"

def Mpc_NodeOpInterface : OpInterface<"NodeOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    Where an op comes from. `node` holds the names of the model's nodes (more
    than one after merging), `op_type` the ONNX op type of that node, which
    precision rules match (a backward op has the type of its forward op), and
    `direction` the part of the step.
  }];
  let methods = [
    InterfaceMethod<"The node names, or null.", "::mlir::ArrayAttr", "getNodeAttr">,
    InterfaceMethod<"Sets the node names.", "void", "setNodeAttr",
      (ins "::mlir::ArrayAttr":$names)>,
    InterfaceMethod<"The ONNX op type, or null.", "::mlir::StringAttr", "getOpTypeAttr">,
    InterfaceMethod<"Sets the ONNX op type.", "void", "setOpTypeAttr",
      (ins "::mlir::StringAttr":$type)>,
    InterfaceMethod<"The direction, or null.", "::mpc::DirectionAttr", "getDirectionAttr">,
    InterfaceMethod<"Sets the direction.", "void", "setDirectionAttr",
      (ins "::mpc::DirectionAttr":$direction)>,
    InterfaceMethod<"The precision decision, or null before it was taken.",
      "::mpc::PrecisionAttr", "getPrecisionAttr">,
    InterfaceMethod<"Sets the precision decision.", "void", "setPrecisionAttr",
      (ins "::mpc::PrecisionAttr":$precision)>,
  ];
}

def Mpc_SlotOpInterface : OpInterface<"SlotOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    What operands and results are to the op. Whether data may be narrow is the
    policy's to say, not the op's; a statistic always stays f32.
  }];
  let methods = [
    InterfaceMethod<"What an operand is to the op.", "::mpc::SlotKind", "getSlotKind",
      (ins "::mlir::OpOperand &":$operand), [{}],
      [{
        return ::mpc::slotKindIn<ConcreteOp>(operand.get().getType());
      }]>,
    InterfaceMethod<"What a result is.", "::mpc::SlotKind", "getResultKind",
      (ins "::mlir::OpResult":$result), [{}],
      [{ return ::mpc::slotKindIn<ConcreteOp>(result.getType()); }]>,
  ];
}

def Mpc_DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    The derivative of an op as ops. An external model per op stands in
    passes/autodiff/rules/.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the gradients of the operands. `resultGradients` has one value per
      result, null where nothing flows back. `operandGradients` has one slot per
      operand; a rule fills those whose bit in `needed` is set. Fails with a
      diagnostic on the op if the derivative does not exist.
    }], "::mlir::LogicalResult", "buildGradients",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$resultGradients,
           "::llvm::ArrayRef<bool>":$needed,
           "::llvm::MutableArrayRef<::mlir::Value>":$operandGradients)>,
  ];
}

def Mpc_StateUpdateOpInterface : OpInterface<"StateUpdateOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    An op that computes the next value of a state it reads, such as running
    statistics: pairs (operand index, result index).
  }];
  let methods = [
    InterfaceMethod<"The pairs.",
      "::llvm::SmallVector<std::pair<unsigned, unsigned>>", "getStateUpdates">,
  ];
}

def Mpc_TrainingFormOpInterface : OpInterface<"TrainingFormOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{ An op that behaves differently when a model is evaluated. }];
  let methods = [
    InterfaceMethod<"Replaces the op by its evaluation form.", "void",
      "replaceByEvaluationForm", (ins "::mlir::RewriterBase &":$rewriter)>,
  ];
}

def Mpc_ProductOpInterface : OpInterface<"ProductOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    An op made of multiply-adds, which matrix units can do; operands 0 and 1 are
    what is multiplied.
  }];
  let methods = [
    InterfaceMethod<"How many there are.", "int64_t", "getMultiplyAdds">,
  ];
}
def Mpc_Product : DeclareOpInterfaceMethods<Mpc_ProductOpInterface>;

#endif
