// RUN: mpc-opt %s --split-input-file --mpc-insert-casts | FileCheck %s
// RUN: mpc-opt %s --split-input-file --mpc-insert-casts --mpc-insert-casts | FileCheck %s

// Without decisions nothing happens.
// CHECK-LABEL: func.func @forward
// CHECK-NEXT: mpc.relu
// CHECK-NEXT: return
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = mpc.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// One cast per value and type; what leaves the function is cast back.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
func.func @forward(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[H:.*]] = mpc.cast %[[X]] {node = ["a"], op_type = "Relu"} : tensor<4xf32> to tensor<4xf16>
  // CHECK-NEXT: %[[A:.*]] = mpc.relu %[[H]] {{.*}} : (tensor<4xf16>) -> tensor<4xf16>
  %a = mpc.relu %x {node = ["a"], op_type = "Relu", precision = #mpc.precision<allow [f16 "r" from "o"] -> [f16 "r" from "o"]>} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: %[[B:.*]] = mpc.neg %[[H]] {{.*}} : (tensor<4xf16>) -> tensor<4xf32>
  %b = mpc.neg %x {node = ["b"], precision = #mpc.precision<allow [f16 "r" from "o"] -> [f32 "r" from "o"]>} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: %[[W:.*]] = mpc.cast %[[A]] {node = ["a"], op_type = "Relu"} : tensor<4xf16> to tensor<4xf32>
  // CHECK-NEXT: return %[[W]], %[[B]]
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// -----

// A weight is cast once per step, when it is written.
// CHECK: mpc.state @w : tensor<4x3xf32>
// CHECK-NEXT: mpc.state @w.f16 : tensor<4x3xf16> {derived_from = @w, role = #mpc.role<derived>}
mpc.state @w : tensor<4x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<3.000000e-01>}
// CHECK: mpc.state @c : tensor<4xf32>
// CHECK-NEXT: mpc.state @c.f16 : tensor<4xf16> {derived_from = @c, role = #mpc.role<derived>}
mpc.state @c : tensor<4xf32> {role = #mpc.role<constant>, initializer = #mpc.fill<1.000000e+00>}
// CHECK-LABEL: func.func @train_step
func.func @train_step(%x: tensor<2x3xf32>) {
  %applied = mpc.constant dense<true> : tensor<i1> : tensor<i1>
  // CHECK: %[[WH:.*]] = mpc.read @w.f16 : tensor<4x3xf16>
  // CHECK-NEXT: %[[W:.*]] = mpc.read @w {{.*}}: tensor<4x3xf32>
  %w = mpc.read @w {precision = #mpc.precision<[] -> [f32 "r" from "o"]>} : tensor<4x3xf32>
  // Nobody reads the constant in f32, so it is not loaded.
  // CHECK-NEXT: %[[CH:.*]] = mpc.read @c.f16 : tensor<4xf16>
  // CHECK-NOT: mpc.read @c {{.*}}f32>
  %c = mpc.read @c {precision = #mpc.precision<[] -> [f32 "r" from "o"]>} : tensor<4xf32>
  // CHECK: %[[XH:.*]] = mpc.cast
  // CHECK-NOT: mpc.cast
  // CHECK: %[[Y:.*]] = mpc.gemm %[[XH]], %[[WH]], %[[CH]] {{.*}} -> tensor<2x4xf16>
  %y = mpc.gemm %x, %w, %c {trans_b, node = ["fc"], precision = #mpc.precision<allow [f16 "r" from "o", f16 "r" from "o", f16 "r" from "o"] -> [f16 "r" from "o"]>} : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK: mpc.gemm %[[Y]], %[[XH]]
  %dw = mpc.gemm %y, %x {trans_a, precision = #mpc.precision<allow [f16 "r" from "o", f16 "r" from "o"] -> [f16 "r" from "o"]>} : (tensor<2x4xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // CHECK: mpc.parameter_gradient {{.*}} : (tensor<4x3xf16>) -> tensor<4x3xf32>
  %g = mpc.parameter_gradient %dw {parameter = @w, precision = #mpc.precision<[f16 "r" from "o"] -> [f32 "r" from "o"]>} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  // CHECK: %[[N:.*]] = mpc.sub %[[W]]
  %n = mpc.sub %w, %g {precision = #mpc.precision<[f32 "r" from "o", f32 "r" from "o"] -> [f32 "r" from "o"]>} : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  // CHECK: %[[NH:.*]] = mpc.cast %[[N]] {direction = #mpc.direction<update>, node = ["w"], op_type = "Cast"} : tensor<4x3xf32> to tensor<4x3xf16>
  // CHECK: mpc.commit {{.*}} predicated [@w, @w.f16](%[[N]], %[[NH]] : tensor<4x3xf32>, tensor<4x3xf16>) always [] status ["y"]
  mpc.commit %applied : tensor<i1> predicated [@w] (%n : tensor<4x3xf32>) always [] status ["y"] (%y : tensor<2x4xf32>)
}
// What init, load and resume leave is derived anew, constants included.
// CHECK-LABEL: func.func @derive
// CHECK: %[[RW:.*]] = mpc.read @w : tensor<4x3xf32>
// CHECK: %[[DW:.*]] = mpc.cast %[[RW]]
// CHECK: %[[RC:.*]] = mpc.read @c : tensor<4xf32>
// CHECK: %[[DC:.*]] = mpc.cast %[[RC]]
// CHECK: mpc.commit predicated [] always [@w.f16, @c.f16](%[[DW]], %[[DC]] : tensor<4x3xf16>, tensor<4xf16>) status []

// -----

// A constant is rounded here: 1 + 2^-8 and 1 + 3 * 2^-8 are ties in bf16.
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: mpc.constant dense<[1.000000e+00, 1.015630e+00]> : tensor<2xbf16> : tensor<2xbf16>
  // CHECK-NOT: mpc.constant
  %c = mpc.constant dense<[1.00390625, 1.01171875]> : tensor<2xf32> : tensor<2xf32>
  // CHECK: mpc.add {{.*}} : (tensor<2xbf16>, tensor<2xbf16>) -> tensor<2xf32>
  %y = mpc.add %x, %c {precision = #mpc.precision<allow [bf16 "r" from "o", bf16 "r" from "o"] -> [f32 "r" from "o"]>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

// What was added after the decisions reads data as stored, statistics in f32.
// CHECK-LABEL: func.func @train_step
mpc.state @n : tensor<f32> {role = #mpc.role<loop>, initializer = #mpc.fill<1.000000e+00>}
func.func @train_step(%x: tensor<2xf32>, %s: tensor<f32>) {
  // CHECK: %[[H:.*]] = mpc.relu {{.*}} -> tensor<2xf16>
  %h = mpc.relu %x {precision = #mpc.precision<allow [f32 "r" from "o"] -> [f16 "r" from "o"]>} : (tensor<2xf32>) -> tensor<2xf32>
  // CHECK: mpc.nonfinite_count %[[H]] : (tensor<2xf16>)
  %count, %ok = mpc.nonfinite_count %h : (tensor<2xf32>) -> (tensor<i64>, tensor<i1>)
  // CHECK: %[[S:.*]] = mpc.neg {{.*}} -> tensor<f16>
  %n = mpc.neg %s {precision = #mpc.precision<allow [f32 "r" from "o"] -> [f16 "r" from "o"]>} : (tensor<f32>) -> tensor<f32>
  // CHECK: %[[W:.*]] = mpc.cast %[[S]] {{.*}}to tensor<f32>
  // CHECK: mpc.clip_factor %[[W]]
  %f = mpc.clip_factor %n, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
  // CHECK: mpc.commit {{.*}} status ["v"](%[[W]] : tensor<f32>)
  mpc.commit %ok : tensor<i1> predicated [] always [@n] (%f : tensor<f32>) status ["v"] (%n : tensor<f32>)
}
