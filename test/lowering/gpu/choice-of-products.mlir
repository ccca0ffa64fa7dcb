// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s --check-prefixes=CHECK,HOPPER
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-set-target{target=sm_80},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s --check-prefixes=CHECK,AMPERE

// What whole rows of 16 bytes are for: the tensor memory access units. What is f16 without
// them, what is f32, and what has one filter per group.

func.func @forward(%a: tensor<64x64xf16>, %b: tensor<64x64xf16>, %ragged: tensor<64x10xf16>, %f: tensor<64x64xf32>,
    %x: tensor<2x16x8x8xf16>, %w: tensor<16x16x3x3xf16>, %wide: tensor<2x16x8x8xf32>, %ww: tensor<16x16x3x3xf32>,
    %single: tensor<16x1x3x3xf16>)
    -> (tensor<64x64xf16>, tensor<64x10xf16>, tensor<64x64xf32>, tensor<2x16x6x6xf16>, tensor<2x16x6x6xf32>, tensor<2x16x6x6xf16>) {
  %0 = mpc.gemm %a, %b : (tensor<64x64xf16>, tensor<64x64xf16>) -> tensor<64x64xf16>
  %1 = mpc.gemm %a, %ragged : (tensor<64x64xf16>, tensor<64x10xf16>) -> tensor<64x10xf16>
  %2 = mpc.gemm %f, %f : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %3 = mpc.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<2x16x8x8xf16>, tensor<16x16x3x3xf16>) -> tensor<2x16x6x6xf16>
  %4 = mpc.conv %wide, %ww {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<2x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<2x16x6x6xf32>
  %5 = mpc.conv %x, %single {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 16 : i64} : (tensor<2x16x8x8xf16>, tensor<16x1x3x3xf16>) -> tensor<2x16x6x6xf16>
  func.return %0, %1, %2, %3, %4, %5 : tensor<64x64xf16>, tensor<64x10xf16>, tensor<64x64xf32>, tensor<2x16x6x6xf16>, tensor<2x16x6x6xf32>, tensor<2x16x6x6xf16>
}

// CHECK-LABEL: func.func @k0_gemm
// HOPPER: nvvm.wgmma.mma_async
// AMPERE: nvvm.mma.sync
// CHECK-LABEL: func.func @k1_gemm
// CHECK: nvvm.mma.sync
// CHECK-LABEL: func.func @k2_gemm
// CHECK-NOT: mma
// CHECK: math.fma
// CHECK-LABEL: func.func @k3_conv
// CHECK: nvvm.mma.sync
// CHECK-LABEL: func.func @k4_conv
// CHECK-NOT: mma
// CHECK: nvvm.barrier
// CHECK: math.fma
// CHECK-LABEL: func.func @k5_conv
// CHECK-NOT: mma
// CHECK-NOT: nvvm.barrier
// CHECK: math.fma
