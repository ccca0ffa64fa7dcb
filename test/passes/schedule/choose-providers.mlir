// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Gemm=cublaslt,mpc.*=generated},func.func(mpc-form-kernels,mpc-group-kernels))' --split-input-file | FileCheck %s
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Gemm=cublaslt,second=generated})' --split-input-file | FileCheck %s --check-prefix=LATER
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=Conv=cudnn})' --split-input-file | FileCheck %s --check-prefix=CONV
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-providers{rules=f*=cublaslt check=true})' --split-input-file 2>&1 | FileCheck %s --check-prefix=NONE

// The product is alone in its kernel: the bias is the library's, what follows
// has a kernel of its own.
// CHECK-LABEL: func.func @forward
// CHECK: %[[Y:.*]] = mpc.kernel "mpc.gemm" provider "cublaslt"(%arg0, %arg1, %arg2
// CHECK: mpc.gemm
// CHECK-NOT: provider
// CHECK-NOT: mpc.relu
// CHECK: mpc.yield
// CHECK: mpc.kernel "elementwise" provider "generated"(%[[Y]]
// CHECK: mpc.relu
// CHECK: mpc.kernel "mpc.gemm" provider "cublaslt"
// CHECK: mpc.kernel "mpc.batch_matmul" provider "generated"
// The later of two rules counts.
// LATER: mpc.gemm {{.*}}provider = "cublaslt"
// LATER: mpc.relu
// LATER: mpc.gemm
// LATER-NOT: provider
// LATER: mpc.batch_matmul
// NONE-NOT: provider =
module attributes {mpc.target = "sm_90a"} {
func.func @forward(%x: tensor<8x16xf16>, %w: tensor<32x16xf16>, %b: tensor<32xf16>, %v: tensor<32x32xf16>, %t: tensor<2x8x8xf32>) -> (tensor<8x32xf32>, tensor<2x8x8xf32>) {
  %y = mpc.gemm %x, %w, %b {operandSegmentSizes = array<i32: 1, 1, 1>, trans_b, node = ["first"], op_type = "Gemm"} : (tensor<8x16xf16>, tensor<32x16xf16>, tensor<32xf16>) -> tensor<8x32xf16>
  %r = mpc.relu %y {node = ["f2"], op_type = "Relu"} : (tensor<8x32xf16>) -> tensor<8x32xf16>
  %z = mpc.gemm %r, %v {operandSegmentSizes = array<i32: 1, 1, 0>, node = ["second"], op_type = "Gemm"} : (tensor<8x32xf16>, tensor<32x32xf16>) -> tensor<8x32xf32>
  %u = mpc.batch_matmul %t, %t {node = ["third"], op_type = "MatMul"} : (tensor<2x8x8xf32>, tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  func.return %z, %u : tensor<8x32xf32>, tensor<2x8x8xf32>
}
}

// -----

// The CPU has no such library.
// CHECK: mpc.kernel "mpc.gemm" provider "generated"
// LATER-NOT: provider
module attributes {mpc.target = "cpu"} {
func.func @forward(%x: tensor<8x16xf16>, %w: tensor<16x32xf16>) -> tensor<8x32xf16> {
  %y = mpc.gemm %x, %w {operandSegmentSizes = array<i32: 1, 1, 0>, node = ["first"], op_type = "Gemm"} : (tensor<8x16xf16>, tensor<16x32xf16>) -> tensor<8x32xf16>
  func.return %y : tensor<8x32xf16>
}
}

// -----

// A convolution with its bias, and both gradients.
// CONV-LABEL: func.func @forward
// CONV: mpc.conv {{.*}}provider = "cudnn"
// CONV: mpc.conv_input_grad {{.*}}provider = "cudnn"
// CONV: mpc.conv_weight_grad {{.*}}provider = "cudnn"
module attributes {mpc.target = "sm_80"} {
func.func @forward(%x: tensor<2x4x8x8xbf16>, %w: tensor<6x2x3x3xbf16>, %b: tensor<6xbf16>) -> (tensor<2x4x8x8xbf16>, tensor<6x2x3x3xbf16>) {
  %y = mpc.conv %x, %w, %b {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 2>, groups = 2 : i64, op_type = "Conv"} : (tensor<2x4x8x8xbf16>, tensor<6x2x3x3xbf16>, tensor<6xbf16>) -> tensor<2x6x4x4xbf16>
  %dx = mpc.conv_input_grad %y, %w {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 2>, groups = 2 : i64, op_type = "Conv"} : (tensor<2x6x4x4xbf16>, tensor<6x2x3x3xbf16>) -> tensor<2x4x8x8xbf16>
  %dw = mpc.conv_weight_grad %y, %x {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 2>, groups = 2 : i64, op_type = "Conv"} : (tensor<2x6x4x4xbf16>, tensor<2x4x8x8xbf16>) -> tensor<6x2x3x3xbf16>
  func.return %dx, %dw : tensor<2x4x8x8xbf16>, tensor<6x2x3x3xbf16>
}
}
