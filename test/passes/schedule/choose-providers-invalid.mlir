// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Gemm=cublas})' 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=a[=cublaslt})' 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Relu=cublaslt check=true})' 2>&1 | FileCheck %s --check-prefix=UNSUITABLE
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=nowhere=cublaslt check=true})' 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Gemm=cublaslt})' 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Conv=cudnn})' 2>&1 | FileCheck %s --check-prefix=CONV

// UNKNOWN: error: --provider Gemm=cublas: expected OP=PROVIDER or NODEGLOB=PROVIDER, where PROVIDER is generated, cublaslt or cudnn; for example --provider Gemm=cublaslt
// GLOB: error: --provider a[=cublaslt: 'a[' is neither an op type nor a glob
// UNSUITABLE: error: rule '--provider Relu=cublaslt' matches no matrix product, which is all that cublaslt computes here; name a Gemm or MatMul, or leave these nodes to 'generated'
// NOTHING: warning: rule '--provider nowhere=cublaslt' matches nothing; see 'mpc explain' for the op types and nodes there are
// FORM: warning: stays generated: cublaslt has no matrix product of this form
// FORM: warning: stays generated: cublaslt has no matrix product of this form
// FORM-NOT: provider =
// CONV: warning: stays generated: cudnn has no convolution of this form; it takes operands, bias and result of one type, and padding that is equal on both sides
// CONV: warning: stays generated: cudnn has no convolution of this form
// CONV-NOT: provider =
module attributes {mpc.target = "sm_90a"} {
// Padding on one side, and a result of another type.
func.func @convolve(%x: tensor<2x4x8x8xf16>, %w: tensor<6x4x3x3xf16>) -> (tensor<2x6x7x6xf16>, tensor<2x6x6x6xf32>) {
  %y = mpc.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 0, 0>, dilations = array<i64: 1, 1>, op_type = "Conv"} : (tensor<2x4x8x8xf16>, tensor<6x4x3x3xf16>) -> tensor<2x6x7x6xf16>
  %z = mpc.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, op_type = "Conv"} : (tensor<2x4x8x8xf16>, tensor<6x4x3x3xf16>) -> tensor<2x6x6x6xf32>
  func.return %y, %z : tensor<2x6x7x6xf16>, tensor<2x6x6x6xf32>
}
func.func @forward(%x: tensor<8x16xf16>, %w: tensor<16x32xf32>, %v: tensor<16x32xf16>, %b: tensor<8x1xf16>) -> (tensor<8x32xf16>, tensor<8x32xf16>) {
  // Operands of two types.
  %y = mpc.gemm %x, %w {operandSegmentSizes = array<i32: 1, 1, 0>, op_type = "Gemm"} : (tensor<8x16xf16>, tensor<16x32xf32>) -> tensor<8x32xf16>
  %r = mpc.relu %y {op_type = "Relu"} : (tensor<8x32xf16>) -> tensor<8x32xf16>
  // An addend that is a column.
  %z = mpc.gemm %x, %v, %b {operandSegmentSizes = array<i32: 1, 1, 1>, op_type = "Gemm"} : (tensor<8x16xf16>, tensor<16x32xf16>, tensor<8x1xf16>) -> tensor<8x32xf16>
  func.return %r, %z : tensor<8x32xf16>, tensor<8x32xf16>
}
}
