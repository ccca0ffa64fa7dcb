// RUN: mpc-opt %s --mpc-assign-precision="format=bf16 policy=%S/Inputs/policy.json" | FileCheck %s

mpc.state @w : tensor<4x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<3.000000e-01>}
// CHECK-LABEL: func.func @forward
func.func @forward(%x: tensor<2x3xf32> {mpc.name = "x"}) -> tensor<8xf32> {
  %w = mpc.read @w : tensor<4x3xf32>
  // The op is narrow, but for one tensor that it reads and for what it stores.
  // CHECK: mpc.gemm {{.*}}precision = #mpc.precision<allow [bf16 "the preset makes every op narrow" from "all 1", f32 "a rule says so" from "{{.*}}policy.json rule 3"] -> [f32 "a rule says so" from "{{.*}}policy.json rule 2"]>
  %a = mpc.gemm %x, %w {trans_b, node = ["fc"], op_type = "Gemm"} : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  // CHECK: mpc.relu {{.*}}precision = #mpc.precision<deny [f32 "seen to underflow" from "{{.*}}policy.json rule 1"] -> [f32
  %b = mpc.relu %a {node = ["relu"], op_type = "Relu"} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: mpc.gemm {{.*}}precision = #mpc.precision<deny [f32 "a rule says so" from "{{.*}}policy.json rule 4", f32
  %c = mpc.gemm %b, %b {trans_b, alpha = 2.0 : f32, node = ["square"], op_type = "Gemm"} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x2xf32>
  // An op that moves elements cannot round: the rule for its operand holds for
  // its result too.
  // CHECK: mpc.reshape {{.*}}precision = #mpc.precision<allow [f32 "a rule says so" from "{{.*}}policy.json rule 5"] -> [f32 "a rule says so" from "{{.*}}policy.json rule 5"]>
  %d = mpc.reshape %b {node = ["move"], op_type = "Reshape"} : (tensor<2x4xf32>) -> tensor<8xf32>
  return %d : tensor<8xf32>
}
