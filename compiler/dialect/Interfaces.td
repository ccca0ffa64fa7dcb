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
    InterfaceMethod<[{
      What is added to the sums, in a shape that broadcasts to the result, by ops
      that `builder` makes; null if nothing is.
    }], "::mlir::Value", "makeAddend", (ins "::mlir::OpBuilder &":$builder), "",
      "return {};">,
  ];
}
def Mpc_Product : DeclareOpInterfaceMethods<Mpc_ProductOpInterface>;
def Mpc_ProductPlus : DeclareOpInterfaceMethods<Mpc_ProductOpInterface, ["makeAddend"]>;

def Mpc_MatrixProductOpInterface : OpInterface<"MatrixProductOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    alpha * A' * B' + beta * C for each of a batch of matrices: A' is A, or its
    transpose, and B' likewise.
  }];
  let methods = [
    InterfaceMethod<"A.", "::mlir::Value", "getA">,
    InterfaceMethod<"B.", "::mlir::Value", "getB">,
    InterfaceMethod<"C, or null.", "::mlir::Value", "getAddend", (ins), "", "return {};">,
    InterfaceMethod<"Whether A' is A's transpose.", "bool", "getTransA">,
    InterfaceMethod<"Whether B' is B's transpose.", "bool", "getTransB">,
    InterfaceMethod<"alpha.", "float", "getFactor", (ins), "", "return 1;">,
    InterfaceMethod<"beta.", "float", "getAddendFactor", (ins), "", "return 1;">,
    InterfaceMethod<"How many matrices there are, and how large they are.",
      "::mpc::GemmExtents", "getExtents", (ins), "", [{
        return ::mpc::gemmExtents($_op.getA(), $_op.getTransA(), $_op.getResult());
      }]>,
  ];
}

def Mpc_ConvolutionOpInterface : OpInterface<"ConvolutionOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    A convolution or one of its gradients: the result is one of three tensors of
    which the others are operands.
  }];
  let methods = [
    InterfaceMethod<"[N, C, H, W].", "::mlir::Value", "getConvInput">,
    InterfaceMethod<"[F, C / groups, KH, KW].", "::mlir::Value", "getConvWeight">,
    InterfaceMethod<"[N, F, OH, OW].", "::mlir::Value", "getConvOutput">,
    InterfaceMethod<"[F], added to the output; or null.", "::mlir::Value", "getConvBias", (ins),
      "", "return {};">,
    InterfaceMethod<"Of both spatial dimensions.", "::llvm::ArrayRef<int64_t>", "getStrides">,
    InterfaceMethod<"Begins of both, then ends.", "::llvm::ArrayRef<int64_t>", "getPads">,
    InterfaceMethod<"Of both spatial dimensions.", "::llvm::ArrayRef<int64_t>", "getDilations">,
    InterfaceMethod<"Into which channels are cut.", "uint64_t", "getGroups">,
  ];
}

#endif
