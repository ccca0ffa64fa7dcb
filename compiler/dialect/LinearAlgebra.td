// Matrix products.
#ifndef MPC_LINEAR_ALGEBRA
#define MPC_LINEAR_ALGEBRA

include "compiler/dialect/Base.td"

def Mpc_GemmOp : Mpc_PureOp<"gemm",
    (ins Mpc_FloatTensor:$a, Mpc_FloatTensor:$b, Optional<Mpc_FloatTensor>:$c,
         DefaultValuedAttr<F32Attr, "1.0f">:$alpha,
         DefaultValuedAttr<F32Attr, "1.0f">:$beta,
         UnitAttr:$trans_a, UnitAttr:$trans_b),
    [Mpc_ProductPlus, Mpc_MatrixProductOpInterface]> {
  let summary = "alpha * A' * B' + beta * C, as ONNX Gemm defines it.";
  let description = [{
    A' is A of shape [M, K], or its transpose under `trans_a` (A is [K, M]); B'
    likewise is [K, N]. The sum over K is accumulated in f32; alpha, beta and C
    are applied to the f32 sum and the result is rounded once.

    - gemm-g1: A and B have rank 2 and agree in K.
    - gemm-g2: the result is [M, N].
    - gemm-g3: C, if given, broadcasts to [M, N].
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$a, "::mlir::Value":$b, "::mlir::Value":$c,
                                 "bool":$transA, "bool":$transB,
                                 CArg<"float", "1.0f">:$alpha, CArg<"float", "1.0f">:$beta)>];
  let extraClassDeclaration = [{
    ::mlir::Value getAddend() { return getC(); }
    float getFactor() { return getAlpha().convertToFloat(); }
    float getAddendFactor() { return getBeta().convertToFloat(); }
  }];
  let hasVerifier = 1;
}

def Mpc_BatchMatmulOp : Mpc_PureOp<"batch_matmul",
    (ins Mpc_FloatTensor:$a, Mpc_FloatTensor:$b, UnitAttr:$trans_a, UnitAttr:$trans_b),
    [Mpc_Product, Mpc_MatrixProductOpInterface]> {
  let summary = "A' * B' for each of a batch of matrices.";
  let description = [{
    A' is A of shape [N, M, K], or its transpose under `trans_a` (A is [N, K, M]);
    B' likewise is [N, K, L]. Sums are accumulated in f32 and rounded once.

    - batch_matmul-b1: A and B have rank 3 and agree in N and K.
    - batch_matmul-b2: the result is [N, M, L].
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$a, "::mlir::Value":$b, "bool":$transA,
                                 "bool":$transB)>];
  let hasVerifier = 1;
}

#endif
