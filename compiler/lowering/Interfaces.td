// What lowering asks elementwise ops: the arithmetic of one element.
#ifndef MPC_LOWERING_INTERFACES
#define MPC_LOWERING_INTERFACES

include "mlir/IR/OpBase.td"

def Mpc_ScalarOpInterface : OpInterface<"ScalarOpInterface"> {
  let cppNamespace = "::mpc";
  let description = [{
    The arithmetic of one element of an elementwise op, on scalars or vectors
    alike. Floats come as f32 whatever their stored type and results are f32
    before rounding; who calls rounds them. Integers keep their type.
  }];
  let methods = [
    InterfaceMethod<[{
      Computes what depends on one-element operands alone (powers, quotients),
      once per kernel. `operands` has null for every operand with more than one
      element. The values are scalars and become the last arguments of
      emitScalar.
    }], "::llvm::SmallVector<::mlir::Value>", "prepareScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::llvm::ArrayRef<::mlir::Value>":$operands), [{}], [{ return {}; }]>,
    InterfaceMethod<[{
      Returns one value per result for one value per operand, followed by what
      prepareScalar returned. All have the same number of lanes.
    }], "::llvm::SmallVector<::mlir::Value>", "emitScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::llvm::ArrayRef<::mlir::Value>":$operands)>,
    InterfaceMethod<[{
      Whether results are operands, zero or a negated operand: no rounding is
      needed if operand and result types agree.
    }], "bool", "isExact", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<[{
      Whether a GPU computes an f32 element for about as long as it reads and
      writes it, in no more than 32 registers if it does nothing else.
    }], "bool", "takesLong", (ins), [{}], [{ return false; }]>,
  ];
}

#endif
