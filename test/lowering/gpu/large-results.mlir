// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// Results that leave no room for operands in the second-level cache are not kept there.

func.func @forward(%a: tensor<8192x64xf16>, %b: tensor<64x2048xf16>, %c: tensor<64x1024xf16>)
    -> (tensor<8192x2048xf16>, tensor<8192x1024xf16>) {
  %0 = mpc.gemm %a, %b : (tensor<8192x64xf16>, tensor<64x2048xf16>) -> tensor<8192x2048xf16>
  %1 = mpc.gemm %a, %c : (tensor<8192x64xf16>, tensor<64x1024xf16>) -> tensor<8192x1024xf16>
  func.return %0, %1 : tensor<8192x2048xf16>, tensor<8192x1024xf16>
}

// CHECK-LABEL: func.func @k0_gemm
// CHECK: nvvm.wgmma.mma_async
// CHECK: vector.store {{.*}}nontemporal = true
// CHECK-LABEL: func.func @k1_gemm
// CHECK: nvvm.wgmma.mma_async
// CHECK-NOT: nontemporal
// CHECK: return
