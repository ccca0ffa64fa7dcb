// RUN: mpc-opt %s --split-input-file --mpc-compact-gradients | FileCheck %s

// Half of the rows or more, a small table, another axis: the gradient stays.
// CHECK-LABEL: func.func @train_step
// CHECK-COUNT-3: mpc.gather_grad
// CHECK-NOT: mpc.expand_rows
func.func @train_step(%g: tensor<5001x64xf32>, %i: tensor<5001xi64>, %h: tensor<64x8xf32>, %j: tensor<64xi64>, %k: tensor<9x8xf32>, %l: tensor<8xi64>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = mpc.gather_grad %g, %i {axis = 0 : i64} : (tensor<5001x64xf32>, tensor<5001xi64>) -> tensor<10000x64xf32>
  %1 = mpc.gather_grad %h, %j {axis = 0 : i64} : (tensor<64x8xf32>, tensor<64xi64>) -> tensor<1000x8xf32>
  %2 = mpc.gather_grad %k, %l {axis = 1 : i64} : (tensor<9x8xf32>, tensor<8xi64>) -> tensor<9x100000xf32>
  %a = mpc.global_norm %0 : (tensor<10000x64xf32>) -> tensor<f32>
  %b = mpc.global_norm %1 : (tensor<1000x8xf32>) -> tensor<f32>
  %c = mpc.global_norm %2 : (tensor<9x100000xf32>) -> tensor<f32>
  return %a, %b, %c : tensor<f32>, tensor<f32>, tensor<f32>
}

// -----

mpc.state @w : tensor<20000x64xf32> {role = #mpc.role<parameter>, initializer = #mpc.normal<2.000000e-02>}

// The lists stand behind the indices, the overflow test and the norm read the
// rows, the update reads through them.
// CHECK-LABEL: func.func @train_step
// CHECK-NEXT: %[[FIRST:.*]], %[[NEXT:.*]] = mpc.row_lists %arg1 {{.*}} : (tensor<64x64xi64>) -> (tensor<20000xi32>, tensor<4096xi32>)
// CHECK-NEXT: %[[G:.*]] = mpc.neg
// CHECK-NEXT: %[[ROWS:.*]] = mpc.sum_rows %[[G]], %arg1, %[[FIRST]], %[[NEXT]] {{.*}}node = ["emb"]{{.*}} -> tensor<4096x64xf16>
// CHECK-NEXT: %[[DENSE:.*]] = mpc.expand_rows %[[ROWS]], %[[FIRST]] {{.*}} -> tensor<20000x64xf16>
// CHECK-NEXT: %[[UROWS:.*]] = mpc.parameter_gradient %[[ROWS]], %arg2 {{.*}} -> tensor<4096x64xf32>
// CHECK-NEXT: %[[U:.*]] = mpc.parameter_gradient %[[DENSE]], %arg2 {{.*}} -> tensor<20000x64xf32>
// CHECK-NEXT: mpc.nonfinite_count %[[ROWS]]
// CHECK-NEXT: %[[NORM:.*]] = mpc.global_norm %[[UROWS]]
// CHECK-NEXT: %[[F:.*]] = mpc.clip_factor %[[NORM]]
// CHECK-NEXT: mpc.mul %[[U]], %[[F]]
func.func @train_step(%x: tensor<64x64x64xf16>, %i: tensor<64x64xi64>, %inverse: tensor<f32>) -> (tensor<i64>, tensor<20000x64xf32>) {
  %g = mpc.neg %x {direction = #mpc.direction<backward>} : (tensor<64x64x64xf16>) -> tensor<64x64x64xf16>
  %dense = mpc.gather_grad %g, %i {axis = 0 : i64, node = ["emb"], op_type = "Gather", direction = #mpc.direction<backward>} : (tensor<64x64x64xf16>, tensor<64x64xi64>) -> tensor<20000x64xf16>
  %u = mpc.parameter_gradient %dense, %inverse {parameter = @w, direction = #mpc.direction<update>} : (tensor<20000x64xf16>, tensor<f32>) -> tensor<20000x64xf32>
  %count, %finite = mpc.nonfinite_count %dense : (tensor<20000x64xf16>) -> (tensor<i64>, tensor<i1>)
  %norm = mpc.global_norm %u : (tensor<20000x64xf32>) -> tensor<f32>
  %f = mpc.clip_factor %norm, %inverse : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %c = mpc.mul %u, %f {direction = #mpc.direction<update>} : (tensor<20000x64xf32>, tensor<f32>) -> tensor<20000x64xf32>
  return %count, %c : tensor<i64>, tensor<20000x64xf32>
}

// -----

// A gradient that is added to another one, as that of tied weights, is a result
// that other kernels read.
// CHECK-LABEL: func.func @train_step
// CHECK: mpc.gather_grad
func.func @train_step(%g: tensor<4096x64xf16>, %i: tensor<4096xi64>, %h: tensor<20000x64xf16>) -> tensor<20000x64xf16> {
  %dense = mpc.gather_grad %g, %i {axis = 0 : i64} : (tensor<4096x64xf16>, tensor<4096xi64>) -> tensor<20000x64xf16>
  %sum = mpc.add %dense, %h {direction = #mpc.direction<backward>} : (tensor<20000x64xf16>, tensor<20000x64xf16>) -> tensor<20000x64xf16>
  return %sum : tensor<20000x64xf16>
}
