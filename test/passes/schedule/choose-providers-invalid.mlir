// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Gemm=cudnn})' 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=a[=cublaslt})' 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Relu=cublaslt check=true})' 2>&1 | FileCheck %s --check-prefix=UNSUITABLE
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=nowhere=cublaslt check=true})' 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Gemm=cublaslt})' 2>&1 | FileCheck %s --check-prefix=FORM

// UNKNOWN: error: --provider Gemm=cudnn: expected OP=PROVIDER or NODEGLOB=PROVIDER, where PROVIDER is generated or cublaslt; for example --provider Gemm=cublaslt
// GLOB: error: --provider a[=cublaslt: 'a[' is neither an op type nor a glob
// UNSUITABLE: error: rule '--provider Relu=cublaslt' matches no matrix product, which is all that cublaslt computes here; name a Gemm or MatMul, or leave these nodes to 'generated'
// NOTHING: warning: rule '--provider nowhere=cublaslt' matches nothing; see 'mpc explain' for the op types and nodes there are
// FORM: warning: stays generated: cublaslt has no product of this form
// FORM: warning: stays generated: cublaslt has no product of this form
// FORM-NOT: provider =
module attributes {mpc.target = "sm_90a"} {
func.func @forward(%x: tensor<8x16xf16>, %w: tensor<16x32xf32>, %v: tensor<16x32xf16>, %b: tensor<8x1xf16>) -> (tensor<8x32xf16>, tensor<8x32xf16>) {
  // Operands of two types.
  %y = mpc.gemm %x, %w {operandSegmentSizes = array<i32: 1, 1, 0>, op_type = "Gemm"} : (tensor<8x16xf16>, tensor<16x32xf32>) -> tensor<8x32xf16>
  %r = mpc.relu %y {op_type = "Relu"} : (tensor<8x32xf16>) -> tensor<8x32xf16>
  // An addend that is a column.
  %z = mpc.gemm %x, %v, %b {operandSegmentSizes = array<i32: 1, 1, 1>, op_type = "Gemm"} : (tensor<8x16xf16>, tensor<16x32xf16>, tensor<8x1xf16>) -> tensor<8x32xf16>
  func.return %r, %z : tensor<8x32xf16>, tensor<8x32xf16>
}
}
