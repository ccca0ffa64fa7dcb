// RUN: mpc-opt %s --pass-pipeline='builtin.module(func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-cpu)' | FileCheck %s

// Two kernels that differ in their nodes alone share one function; vectors of
// eight, then the rest one by one; the f16 result is rounded before relu.
// CHECK-LABEL: func.func @forward
// CHECK-COUNT-2: entries = [@cpu::@k0_elementwise]
func.func @forward(%x: tensor<20xf32>, %y: tensor<20xf32>) -> (tensor<20xf32>, tensor<20xf32>) {
  %a = mpc.add %x, %y {node = ["first"]} : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf16>
  %b = mpc.relu %a {node = ["first"]} : (tensor<20xf16>) -> tensor<20xf32>
  %c = mpc.add %y, %x {node = ["second"]} : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf16>
  %d = mpc.relu %c {node = ["second"]} : (tensor<20xf16>) -> tensor<20xf32>
  func.return %b, %d : tensor<20xf32>, tensor<20xf32>
}
// CHECK-LABEL: module @cpu
// CHECK: func.func @k0_elementwise(%{{.*}}: memref<20xf32>, %{{.*}}: memref<20xf32>, %{{.*}}: memref<20xf32>, %{{.*}}: index, %{{.*}}: index)
// CHECK: %[[S:.*]] = arith.addf {{.*}} : vector<8xf32>
// CHECK: %[[H:.*]] = arith.truncf %[[S]] : vector<8xf32> to vector<8xf16>
// CHECK: arith.extf %[[H]]
// CHECK: vector.store
// CHECK: memref.store
// CHECK-NOT: func.func
