// RUN: mpc-opt %s --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s

// A thread takes four neighbours of f32; 20 elements are five threads of one warp.
// CHECK-LABEL: func.func @forward
// CHECK: entries = [@sm_90a::@k0_elementwise]
// CHECK-SAME: tiles = array<i64: 5>
// A team of 32 threads sums each row of 512.
// CHECK: entries = [@sm_90a::@k1_reduce_sum]
func.func @forward(%x: tensor<20xf32>, %r: tensor<4x512xf32>, %l: tensor<1048576xf32>) -> (tensor<20xf32>, tensor<4xf32>, tensor<1048576xf32>) {
  %a = mpc.relu %x : (tensor<20xf32>) -> tensor<20xf32>
  %s = mpc.reduce_sum %r {axes = array<i64: 1>} : (tensor<4x512xf32>) -> tensor<4xf32>
  %b = mpc.relu %l : (tensor<1048576xf32>) -> tensor<1048576xf32>
  func.return %a, %s, %b : tensor<20xf32>, tensor<4xf32>, tensor<1048576xf32>
}
// CHECK-LABEL: module @sm_90a
// CHECK: func.func @k0_elementwise(%{{.*}}: memref<20xf32>, %{{.*}}: memref<20xf32>)
// CHECK-SAME: mpc.launch = {block = array<i64: 32, 1, 1>, grid = array<i64: 1, 1, 1>, maps = [], shared_bytes = 0 : i64, waits}
// Before it touches memory it waits for those that were launched before.
// CHECK-NEXT: nvvm.griddepcontrol wait
// It is small, so those behind it may be launched beside it.
// CHECK-NEXT: nvvm.griddepcontrol launch_dependents
// CHECK: nvvm.read.ptx.sreg.tid.x
// CHECK: cf.cond_br
// CHECK: vector.load {{.*}} {alignment = 16 : i64}
// CHECK: func.func @k1_reduce_sum
// CHECK-COUNT-5: nvvm.shfl.sync

// One of many blocks keeps its room to itself.
// CHECK-LABEL: func.func @k2_elementwise
// CHECK: nvvm.griddepcontrol wait
// CHECK-NOT: nvvm.griddepcontrol
