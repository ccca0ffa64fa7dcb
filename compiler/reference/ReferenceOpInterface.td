// What an op means as numbers. Each family's models stand in the file of its
// name in this folder.
#ifndef MPC_REFERENCE_OP_INTERFACE
#define MPC_REFERENCE_OP_INTERFACE

include "mlir/IR/OpBase.td"

def Mpc_ReferenceOpInterface : OpInterface<"ReferenceOpInterface"> {
  let cppNamespace = "::mpc::reference";
  let description = [{
    The op's formula, evaluated in f64 on tensors. Models never round: the
    interpreter rounds what they give, once, to the result's type.
  }];
  let methods = [
    InterfaceMethod<[{
      Fills `results`, which come with their types and all elements 0, from one
      tensor per operand. Fails with a diagnostic on the op where its meaning is
      undefined for these numbers (a label that is no class, an integer division
      by zero).
    }], "::llvm::LogicalResult", "evaluate",
      (ins "::llvm::ArrayRef<const ::mpc::reference::Tensor *>":$inputs,
           "::llvm::MutableArrayRef<::mpc::reference::Tensor>":$results)>,
  ];
}

#endif
