// RUN: mpc-opt %s --pass-pipeline='builtin.module(func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers)' | FileCheck %s

// Three values of 4096 bytes, of which two live at a time: 8192 bytes of arena.
// The state is written in its own buffer, and the label is not an input.
// CHECK: mpc.arena_bytes = 8192
// CHECK-SAME: mpc.buffers = [
// CHECK-SAME: {index = 0 : i64, kind = "input"}
// CHECK-SAME: {kind = "label"}
// CHECK-SAME: {index = 0 : i64, kind = "state"}
// CHECK-SAME: {bytes = 4 : i64, kind = "status", offset = 32 : i64}
// CHECK-SAME: {bytes = 4096 : i64, kind = "arena", offset = 0 : i64}
// CHECK-SAME: {bytes = 4096 : i64, kind = "arena", offset = 4096 : i64}
mpc.state @w : tensor<32x32xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}

// CHECK-LABEL: func.func @train_step
func.func @train_step(%x: tensor<32x32xf32>, %y: tensor<32xi64> {mpc.label = {kind = "class"}}) {
  %w = mpc.read @w : tensor<32x32xf32>
  // CHECK: mpc.kernel "mpc.transpose"
  // CHECK-SAME: buffers = array<i64: 0, 4>, tiles = array<i64: 1>
  %a = mpc.transpose %x {perm = array<i64: 1, 0>} : (tensor<32x32xf32>) -> tensor<32x32xf32>
  // CHECK: mpc.kernel "mpc.transpose"
  // CHECK-SAME: buffers = array<i64: 4, 5>
  %b = mpc.transpose %a {perm = array<i64: 1, 0>} : (tensor<32x32xf32>) -> tensor<32x32xf32>
  // CHECK: mpc.kernel "mpc.transpose"
  // CHECK-SAME: buffers = array<i64: 5, 4>
  %c = mpc.transpose %b {perm = array<i64: 1, 0>} : (tensor<32x32xf32>) -> tensor<32x32xf32>
  %loss = mpc.cross_entropy %c, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<32x32xf32>, tensor<32xi64>) -> tensor<f32>
  %w1 = mpc.add %w, %c : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
  %ok = mpc.constant dense<true> : tensor<i1> : tensor<i1>
  mpc.commit %ok : tensor<i1> predicated [@w](%w1 : tensor<32x32xf32>) always [] status ["loss"](%loss : tensor<f32>)
}

// A kernel that writes nothing is not launched.
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<0x4xf32>) -> tensor<0x4xf32> {
  // CHECK: mpc.kernel "elementwise"
  // CHECK-SAME: tiles = array<i64>
  %y = mpc.relu %x : (tensor<0x4xf32>) -> tensor<0x4xf32>
  return %y : tensor<0x4xf32>
}
