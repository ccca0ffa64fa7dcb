// RUN: mpc-opt %s --split-input-file --mpc-assign-precision | FileCheck %s
// RUN: mpc-opt %s --split-input-file --mpc-assign-precision=format=fp32 | FileCheck %s --check-prefix=F32
// RUN: mpc-opt %s --split-input-file --mpc-assign-precision="rules=deny=*" | FileCheck %s --check-prefix=F32
// RUN: mpc-opt %s --split-input-file --mpc-assign-precision=policy=none | FileCheck %s --check-prefix=F32

// No op of the model is narrow in f32; only a cast of the model is.
// F32-NOT: {{(\[| )f16 "}}
// F32-LABEL: func.func @forward_keeps_the_models_casts
// F32: mpc.cast {{.*}}precision = #mpc.precision<[f32 "read as stored" from "a Cast in the model"] -> [f16 "the model says so" from "a Cast in the model"]>

// CHECK-LABEL: func.func @train_step
mpc.state @w : tensor<4x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<3.000000e-01>}
mpc.state @lr : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<1.000000e-02>}
func.func @train_step(%x: tensor<2x3xf32> {mpc.name = "x"}, %label: tensor<2xi64>) {
  // CHECK: mpc.constant dense<true>
  // CHECK-NOT: precision
  // CHECK: mpc.read @w {precision = #mpc.precision<[] -> [f32 "state is stored f32" from "the state"]>}
  %applied = mpc.constant dense<true> : tensor<i1> : tensor<i1>
  %w = mpc.read @w : tensor<4x3xf32>
  %lr = mpc.read @lr : tensor<f32>
  %one = mpc.gradient_seed {direction = #mpc.direction<backward>} : () -> tensor<f32>
  // CHECK: mpc.gemm {{.*}}precision = #mpc.precision<allow [f16 "a sum of products on matrix units, accumulated in f32" from "default 1 (f16)", f16
  %y = mpc.gemm %x, %w {trans_b, node = ["fc"], op_type = "Gemm"} : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  // CHECK: mpc.relu {{.*}}precision = #mpc.precision<clear [f16 "lies between narrow ops" from "default 1 (f16)"] -> [f16
  %r = mpc.relu %y {node = ["relu"], op_type = "Relu"} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: mpc.cross_entropy {{.*}}precision = #mpc.precision<deny [f32 "a loss sums many small terms" from "default 1 (f16)", i64 "not a float" from "the op"] -> [f32 "statistics and scalars of the op are f32" from "the op"]>
  %loss = mpc.cross_entropy %r, %label {class_axis = 1 : i64, ignore_index = -100 : i64, node = ["loss"], op_type = "CrossEntropy"} : (tensor<2x4xf32>, tensor<2xi64>) -> tensor<f32>
  // CHECK: mpc.cross_entropy_grad {{.*}}precision = #mpc.precision<deny [f32 {{.*}}] -> [f32
  %dr = mpc.cross_entropy_grad %one, %r, %label {class_axis = 1 : i64, ignore_index = -100 : i64, node = ["loss"], op_type = "CrossEntropy", direction = #mpc.direction<backward>} : (tensor<f32>, tensor<2x4xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  // CHECK: mpc.relu_grad {{.*}}precision = #mpc.precision<clear [f16
  %dy = mpc.relu_grad %dr, %r {node = ["relu"], op_type = "Relu", direction = #mpc.direction<backward>} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: mpc.gemm {{.*}}precision = #mpc.precision<allow [f16 {{.*}}] -> [f16
  %dw = mpc.gemm %dy, %x {trans_a, node = ["fc"], op_type = "Gemm", direction = #mpc.direction<backward>} : (tensor<2x4xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // CHECK: mpc.parameter_gradient {{.*}}precision = #mpc.precision<[f16 "read as stored" from "the optimizer"] -> [f32 "updates are computed and stored in f32" from "the optimizer"]>
  %gw = mpc.parameter_gradient %dw {parameter = @w, direction = #mpc.direction<update>} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  %zero = mpc.constant dense<0.0> : tensor<f32> : tensor<f32>
  // CHECK: mpc.sgd {{.*}}precision = #mpc.precision<[f32 {{.*}}] -> [f32
  %nw = mpc.sgd %w, %gw, %lr, %zero {direction = #mpc.direction<update>, op_type = "SGD", operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>} : (tensor<4x3xf32>, tensor<4x3xf32>, tensor<f32>, tensor<f32>) -> tensor<4x3xf32>
  mpc.commit %applied : tensor<i1> predicated [@w] (%nw : tensor<4x3xf32>) always [] status ["loss"] (%loss : tensor<f32>)
}

// Evaluation takes train_step's decisions: the relu alone would stand beside
// a narrow op, but its twin lies between two.
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<2x3xf32> {mpc.name = "x"}) -> tensor<2x4xf32> {
  %w = mpc.read @w : tensor<4x3xf32>
  // CHECK: mpc.gemm {{.*}}precision = #mpc.precision<allow [f16 {{.*}}] -> [f16
  %y = mpc.gemm %x, %w {trans_b, node = ["fc"], op_type = "Gemm"} : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  // CHECK: mpc.relu {{.*}}precision = #mpc.precision<clear [f16 "lies between narrow ops" from "default 1 (f16)"] -> [f16
  %r = mpc.relu %y {node = ["relu"], op_type = "Relu"} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// -----

// What batch normalisation calls a statistic stays f32 in a narrow op.
// CHECK-LABEL: func.func @train_step
mpc.state @k : tensor<4x4x1x1xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<3.000000e-01>}
mpc.state @scale : tensor<4xf32> {role = #mpc.role<constant>, initializer = #mpc.fill<1.000000e+00>}
func.func @train_step(%x: tensor<2x4x2x2xf32>) {
  %applied = mpc.constant dense<true> : tensor<i1> : tensor<i1>
  %k = mpc.read @k : tensor<4x4x1x1xf32>
  %s = mpc.read @scale : tensor<4xf32>
  %a = mpc.conv %x, %k {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, node = ["c1"], op_type = "Conv"} : (tensor<2x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<2x4x2x2xf32>
  // CHECK: mpc.batch_normalization {{.*}}precision = #mpc.precision<infer [f16 "lies between narrow ops" from "default 1 (f16)", f32 "statistics and scalars of the op are f32" from "the op", f32 {{.*}}, f32 {{.*}}, f32 {{.*}}] -> [f16 {{.*}}, f32 {{.*}}, f32 {{.*}}, f32 {{.*}}, f32
  %b:5 = mpc.batch_normalization %a, %s, %s, %s, %s {epsilon = 1.0e-5 : f32, momentum = 0.9 : f32, node = ["bn"], op_type = "BatchNormalization"} : (tensor<2x4x2x2xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<2x4x2x2xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  %c = mpc.conv %b#0, %k {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, node = ["c2"], op_type = "Conv"} : (tensor<2x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<2x4x2x2xf32>
  // An op type that no list knows is f32.
  // CHECK: mpc.neg {{.*}}precision = #mpc.precision<deny [f32 "an op type on no list stays f32" from "default 1 (f16)"]
  %d = mpc.neg %c {node = ["odd"], op_type = "Frobnicate"} : (tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
  mpc.commit %applied : tensor<i1> predicated [@k] (%k : tensor<4x4x1x1xf32>) always [] status []
}

// -----

// CHECK-LABEL: func.func @forward_keeps_the_models_casts
// CHECK-NOT: precision
func.func @forward_keeps_the_models_casts() {
  return
}

// CHECK-LABEL: func.func @forward(
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: mpc.cast {{.*}}precision = #mpc.precision<[f32 "read as stored" from "a Cast in the model"] -> [f16 "the model says so" from "a Cast in the model"]>
  %h = mpc.cast %x {user, node = ["cast"], op_type = "Cast"} : tensor<4xf32> to tensor<4xf16>
  // CHECK: mpc.relu {{.*}}precision = #mpc.precision<[f16 "read as stored" from "a Cast in the model"] -> [f16 "the model says so"
  %r = mpc.relu %h {node = ["relu"], op_type = "Relu"} : (tensor<4xf16>) -> tensor<4xf16>
  // CHECK: mpc.cast {{.*}}precision = #mpc.precision<[f16 "read as stored" from "a Cast in the model"] -> [f32
  %y = mpc.cast %r {user, node = ["back"], op_type = "Cast"} : tensor<4xf16> to tensor<4xf32>
  return %y : tensor<4xf32>
}
