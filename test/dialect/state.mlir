// RUN: mpc-opt %s | mpc-opt | FileCheck %s

mpc.state @w : tensor<4x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<3.000000e-01>}
mpc.state @w.f16 : tensor<4x3xf16> {role = #mpc.role<derived>, derived_from = @w}
mpc.state @lr : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<1.000000e-02>}
mpc.state @scale : tensor<f32> {role = #mpc.role<loop>, initializer = #mpc.fill<6.553600e+04>}

// CHECK-LABEL: func.func @train_step
func.func @train_step(%x: tensor<2x3xf16>) {
  %w = mpc.read @w : tensor<4x3xf32>
  %h = mpc.read @w.f16 : tensor<4x3xf16>
  %scale = mpc.read @scale : tensor<f32>
  // CHECK: mpc.gemm {{.*}} {node = ["fc"], op_type = "Gemm", trans_b} : (tensor<2x3xf16>, tensor<4x3xf16>) -> tensor<2x4xf16>
  %y = mpc.gemm %x, %h {trans_b, node = ["fc"], op_type = "Gemm"} : (tensor<2x3xf16>, tensor<4x3xf16>) -> tensor<2x4xf16>
  // CHECK: mpc.relu {{.*}}precision = #mpc.precision<[f16 "follows" from "default"] -> [f16 "follows" from "default"]>
  %r = mpc.relu %y {precision = #mpc.precision<[f16 "follows" from "default"] -> [f16 "follows" from "default"]>} : (tensor<2x4xf16>) -> tensor<2x4xf16>
  %count, %applied = mpc.nonfinite_count %r : (tensor<2x4xf16>) -> (tensor<i64>, tensor<i1>)
  // CHECK: mpc.commit %{{.*}} : tensor<i1> predicated [@w, @w.f16](%{{.*}}, %{{.*}} : tensor<4x3xf32>, tensor<4x3xf16>) always [@scale](%{{.*}} : tensor<f32>) status ["loss_scale"](%{{.*}} : tensor<f32>)
  mpc.commit %applied : tensor<i1> predicated [@w, @w.f16] (%w, %h : tensor<4x3xf32>, tensor<4x3xf16>)
    always [@scale] (%scale : tensor<f32>) status ["loss_scale"] (%scale : tensor<f32>)
}
