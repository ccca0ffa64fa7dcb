// RUN: mpc-opt %s --split-input-file --mpc-differentiate | FileCheck %s
// The ops that the rules build. That they are right is for test/gradients.

// Each operand is summed over what it was broadcast along.
mpc.state @a : tensor<3x1xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @b : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
// CHECK-LABEL: func.func @train_step
// CHECK: %[[Q:.*]] = mpc.div
// CHECK: %[[G:.*]] = mpc.pointwise_loss_grad
// CHECK-NEXT: %[[DA:.*]] = mpc.div %[[G]], %{{.*}}
// CHECK-NEXT: %[[SD:.*]] = mpc.reduce_sum %[[DA]] {axes = array<i64: 2>{{.*}} -> tensor<2x3xf32>
// CHECK-NEXT: %[[RD:.*]] = mpc.reshape %[[SD]] {{.*}} -> tensor<2x3x1xf32>
// CHECK-NEXT: %[[M:.*]] = mpc.mul %[[DA]], %[[Q]]
// CHECK-NEXT: %[[N:.*]] = mpc.neg %[[M]]
// CHECK-NEXT: %[[SB:.*]] = mpc.reduce_sum %[[N]] {axes = array<i64: 0, 1>{{.*}} -> tensor<4xf32>
// CHECK-NEXT: %[[RA:.*]] = mpc.reduce_sum %[[RD]] {axes = array<i64: 0>{{.*}} -> tensor<3x1xf32>
// CHECK-NEXT: mpc.gradients %{{.*}} : tensor<f32>, [@a, @b](%[[RA]], %[[SB]]
func.func @train_step(%x: tensor<2x1x1xf32>, %y: tensor<2x3x4xf32>) {
  %a = mpc.read @a : tensor<3x1xf32>
  %b = mpc.read @b : tensor<4xf32>
  %s = mpc.add %x, %a : (tensor<2x1x1xf32>, tensor<3x1xf32>) -> tensor<2x3x1xf32>
  %q = mpc.div %s, %b : (tensor<2x3x1xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  %loss = mpc.pointwise_loss mse %q, %y : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

// A factor that needs no gradient has none built; beta scales the bias's.
mpc.state @w : tensor<4x5xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @c : tensor<5xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: %[[X:[^:]*]]: tensor<4x2xf32>
// CHECK: %[[G:.*]] = mpc.pointwise_loss_grad
// CHECK-NEXT: %[[DW:.*]] = mpc.gemm %[[X]], %[[G]] {alpha = 2.000000e+00 : f32, {{.*}}op_type = "Gemm"} : (tensor<4x2xf32>, tensor<2x5xf32>) -> tensor<4x5xf32>
// CHECK-NEXT: %[[BETA:.*]] = mpc.constant dense<3.000000e+00> : tensor<f32> {direction = #mpc.direction<backward>, node = ["fc"], op_type = "Gemm"}
// CHECK-NEXT: %[[S:.*]] = mpc.mul %[[G]], %[[BETA]]
// CHECK-NEXT: %[[DC:.*]] = mpc.reduce_sum %[[S]] {axes = array<i64: 0>
// CHECK-NEXT: mpc.gradients %{{.*}} : tensor<f32>, [@w, @c](%[[DW]], %[[DC]]
func.func @train_step(%x: tensor<4x2xf32>, %y: tensor<2x5xf32>) {
  %w = mpc.read @w : tensor<4x5xf32>
  %c = mpc.read @c : tensor<5xf32>
  %p = mpc.gemm %x, %w, %c {trans_a, alpha = 2.0 : f32, beta = 3.0 : f32, node = ["fc"], op_type = "Gemm"} : (tensor<4x2xf32>, tensor<4x5xf32>, tensor<5xf32>) -> tensor<2x5xf32>
  %loss = mpc.pointwise_loss mse %p, %y : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

// Only the second convolution's input needs a gradient; one op gives the three
// gradients of a batch normalization.
mpc.state @k1 : tensor<2x3x3x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @s : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @o : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @m : tensor<2xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<0.0>}
mpc.state @v : tensor<2xf32> {role = #mpc.role<statistic>, initializer = #mpc.fill<1.0>}
mpc.state @k2 : tensor<4x2x1x1xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @b2 : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x3x8x8xf32>
// CHECK: %[[C1:.*]] = mpc.conv %[[X]]
// CHECK: %[[N:.*]], %{{.*}}, %{{.*}}, %[[MEAN:.*]], %[[INV:.*]] = mpc.batch_normalization
// CHECK: %[[P:.*]] = mpc.max_pool %[[N]]
// CHECK: mpc.gradient_seed
// CHECK: %[[GR:.*]] = mpc.reshape {{.*}} -> tensor<1x4x2x2xf32>
// CHECK-NEXT: %[[GA:.*]] = mpc.average_pool_grad %[[GR]] {count_include_pad, {{.*}} -> tensor<1x4x4x4xf32>
// CHECK-NEXT: %[[GP:.*]] = mpc.conv_input_grad %[[GA]], %{{.*}} -> tensor<1x2x4x4xf32>
// CHECK-NEXT: %[[DK2:.*]] = mpc.conv_weight_grad %[[GA]], %[[P]] {{.*}} -> tensor<4x2x1x1xf32>
// CHECK-NEXT: %[[DB2:.*]] = mpc.reduce_sum %[[GA]] {axes = array<i64: 0, 2, 3>
// CHECK-NEXT: %[[GN:.*]] = mpc.max_pool_grad %[[GP]], %[[N]]
// CHECK-NEXT: %[[GC:.*]], %[[DS:.*]], %[[DO:.*]] = mpc.batch_normalization_grad %[[GN]], %[[C1]], %{{.*}}, %[[MEAN]], %[[INV]]
// CHECK-NEXT: %[[DK1:.*]] = mpc.conv_weight_grad %[[GC]], %[[X]]
// CHECK-NEXT: mpc.gradients %{{.*}} : tensor<f32>, [@k1, @s, @o, @k2, @b2](%[[DK1]], %[[DS]], %[[DO]], %[[DK2]], %[[DB2]]
func.func @train_step(%x: tensor<1x3x8x8xf32>, %y: tensor<1x16xf32>) {
  %k1 = mpc.read @k1 : tensor<2x3x3x3xf32>
  %c1 = mpc.conv %x, %k1 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<2x3x3x3xf32>) -> tensor<1x2x8x8xf32>
  %s = mpc.read @s : tensor<2xf32>
  %o = mpc.read @o : tensor<2xf32>
  %m = mpc.read @m : tensor<2xf32>
  %v = mpc.read @v : tensor<2xf32>
  %n, %nm, %nv, %mean, %inv = mpc.batch_normalization %c1, %s, %o, %m, %v {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32} : (tensor<1x2x8x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<1x2x8x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  %p = mpc.max_pool %n {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  %k2 = mpc.read @k2 : tensor<4x2x1x1xf32>
  %b2 = mpc.read @b2 : tensor<4xf32>
  %c2 = mpc.conv %p, %k2, %b2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<4x2x1x1xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  %a = mpc.average_pool %c2 {count_include_pad, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32>
  %f = mpc.reshape %a : (tensor<1x4x2x2xf32>) -> tensor<1x16xf32>
  %loss = mpc.pointwise_loss mse %f, %y : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

// A user's cast rounds the gradient too; a transpose is undone.
mpc.state @w : tensor<2x3x4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
// CHECK-LABEL: func.func @train_step
// CHECK: %[[G:.*]] = mpc.pointwise_loss_grad mse {{.*}} -> tensor<4x2x3xf16>
// CHECK-NEXT: %[[H:.*]] = mpc.transpose %[[G]] {{.*}}perm = array<i64: 1, 2, 0>
// CHECK-NEXT: %[[F:.*]] = mpc.cast %[[H]] {{.*}}user} : tensor<2x3x4xf16> to tensor<2x3x4xf32>
// CHECK-NEXT: mpc.gradients %{{.*}} : tensor<f32>, [@w](%[[F]]
func.func @train_step(%y: tensor<4x2x3xf16>) {
  %w = mpc.read @w : tensor<2x3x4xf32>
  %h = mpc.cast %w {user} : tensor<2x3x4xf32> to tensor<2x3x4xf16>
  %t = mpc.transpose %h {perm = array<i64: 2, 0, 1>} : (tensor<2x3x4xf16>) -> tensor<4x2x3xf16>
  %loss = mpc.pointwise_loss mse %t, %y : (tensor<4x2x3xf16>, tensor<4x2x3xf16>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

// Of several updates of a row the last one has the row's gradient: the numbers
// of the updates are scattered as the updates are, and say where it goes.
mpc.state @w : tensor<3x2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: %[[I:[^:]*]]: tensor<3xi64>
// CHECK: %[[G:.*]] = mpc.pointwise_loss_grad
// CHECK-DAG: %[[NUMBERS:.*]] = mpc.constant dense<[0, 1, 2]> : tensor<3xi64>
// CHECK-DAG: %[[NONE:.*]] = mpc.constant dense<3> : tensor<5xi64>
// CHECK: %[[WHICH:.*]] = mpc.scatter %[[NONE]], %[[I]], %[[NUMBERS]] {{.*}}reduction none
// CHECK: %[[ZERO:.*]] = mpc.constant dense<0.000000e+00> : tensor<4x2xf32>
// CHECK: %[[ALL:.*]] = mpc.scatter %[[ZERO]], %[[WHICH]], %[[G]] {{.*}}reduction none
// CHECK: %[[DW:.*]] = mpc.slice %[[ALL]] {{.*}} -> tensor<3x2xf32>
// CHECK: mpc.gradients %{{.*}} : tensor<f32>, [@w](%[[DW]]
func.func @train_step(%x: tensor<5x2xf32>, %i: tensor<3xi64>, %y: tensor<5x2xf32>) {
  %w = mpc.read @w : tensor<3x2xf32>
  %s = mpc.scatter %x, %i, %w {reduction = #mpc<reduction none>} : (tensor<5x2xf32>, tensor<3xi64>, tensor<3x2xf32>) -> tensor<5x2xf32>
  %loss = mpc.pointwise_loss mse %s, %y : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}

// -----

// Normalisation by rows gives three gradients at once; a row's statistics and a
// dropout's counter are those of the forward part.
mpc.state @s : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<1.0>}
mpc.state @b : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @c : tensor<i64> {role = #mpc.role<step>, initializer = #mpc.fill<0.0>}
// CHECK-LABEL: func.func @train_step
// CHECK: %[[C:.*]] = mpc.read @c
// CHECK: %[[N:.*]], %[[M:.*]], %[[I:.*]] = mpc.layer_normalization
// CHECK: %[[P:.*]] = mpc.softmax
// CHECK: %[[G:.*]] = mpc.pointwise_loss_grad huber
// CHECK: %[[DD:.*]] = mpc.softmax_grad %[[G]], %[[P]] {axis = 1 : i64
// CHECK: %[[DN:.*]] = mpc.dropout_grad %[[DD]], %[[C]] {{.*}}ratio = 5.000000e-01 : f32, seed = 7 : i64
// CHECK: %{{.*}}, %[[DS:.*]], %[[DB:.*]] = mpc.layer_normalization_grad %[[DN]], %{{.*}}, %{{.*}}, %[[M]], %[[I]]
// CHECK: mpc.gradients %{{.*}} : tensor<f32>, [@s, @b](%[[DS]], %[[DB]]
func.func @train_step(%x: tensor<2x4xf32>, %y: tensor<2x4xf32>) {
  %s = mpc.read @s : tensor<4xf32>
  %b = mpc.read @b : tensor<4xf32>
  %c = mpc.read @c : tensor<i64>
  %n, %m, %i = mpc.layer_normalization %x, %s, %b {axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<2x4xf32>, tensor<2x1xf32>, tensor<2x1xf32>)
  %d, %next = mpc.dropout %n, %c {ratio = 0.5 : f32, seed = 7 : i64} : (tensor<2x4xf32>, tensor<i64>) -> (tensor<2x4xf32>, tensor<i64>)
  %p = mpc.softmax %d {axis = 1 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %loss = mpc.pointwise_loss huber %p, %y : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<f32>
  mpc.gradients %loss : tensor<f32>, []
}
