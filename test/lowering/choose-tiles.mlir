// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=128x64x3x1x2,1x512x1024x784:NN:f16=64x64x4x1x1})' | FileCheck %s
// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-set-target{target=sm_80},mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=128x64x3x1x2})' | FileCheck %s --check-prefix=OTHER

// The entry of the same extents, transposes and type; a kernel without one, or
// for another kind of GPU, stays as it is.
// CHECK-LABEL: func.func @forward
// CHECK: mpc.kernel "mpc.gemm"{{.*}} attributes {mpc.tile = array<i64: 128, 64, 3, 1, 2>}
// CHECK: mpc.kernel "mpc.gemm"
// CHECK-NOT: mpc.tile
// OTHER-NOT: mpc.tile
func.func @forward(%a: tensor<512x784xf16>, %b: tensor<1024x784xf16>, %c: tensor<512x784xbf16>, %d: tensor<1024x784xbf16>) -> (tensor<512x1024xf16>, tensor<512x1024xbf16>) {
  %x = mpc.kernel "mpc.gemm" provider "generated"(%a, %b : tensor<512x784xf16>, tensor<1024x784xf16>) -> tensor<512x1024xf16> {
  ^bb0(%p: tensor<512x784xf16>, %q: tensor<1024x784xf16>):
    %r = mpc.gemm %p, %q {trans_b} : (tensor<512x784xf16>, tensor<1024x784xf16>) -> tensor<512x1024xf16>
    mpc.yield %r : tensor<512x1024xf16>
  }
  %y = mpc.kernel "mpc.gemm" provider "generated"(%c, %d : tensor<512x784xbf16>, tensor<1024x784xbf16>) -> tensor<512x1024xbf16> {
  ^bb0(%p: tensor<512x784xbf16>, %q: tensor<1024x784xbf16>):
    %r = mpc.gemm %p, %q {trans_b} : (tensor<512x784xbf16>, tensor<1024x784xbf16>) -> tensor<512x1024xbf16>
    mpc.yield %r : tensor<512x1024xbf16>
  }
  func.return %x, %y : tensor<512x1024xf16>, tensor<512x1024xbf16>
}
