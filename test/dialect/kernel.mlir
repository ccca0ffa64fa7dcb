// RUN: mpc-opt %s | mpc-opt | FileCheck %s

// CHECK-LABEL: func.func @one_kernel
func.func @one_kernel(%x: tensor<4xf16>) -> tensor<4xf16> {
  // CHECK: mpc.kernel "elementwise" provider "generated"(%{{.*}} : tensor<4xf16>) -> tensor<4xf16> attributes {buffers = array<i64: 0, 1, 2>, tiles = array<i64: 1>, workspaces = array<i64: 64>} {
  %0 = mpc.kernel "elementwise" provider "generated" (%x : tensor<4xf16>) -> tensor<4xf16>
      attributes {tiles = array<i64: 1>, workspaces = array<i64: 64>, buffers = array<i64: 0, 1, 2>} {
  ^bb0(%a: tensor<4xf16>):
    %1 = mpc.relu %a : (tensor<4xf16>) -> tensor<4xf16>
    // CHECK: mpc.yield %{{.*}} : tensor<4xf16>
    mpc.yield %1 : tensor<4xf16>
  }
  return %0 : tensor<4xf16>
}
