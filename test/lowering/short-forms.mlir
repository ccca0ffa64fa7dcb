// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-cpu)' | FileCheck %s
// RUN: mpc-opt %s --split-input-file --pass-pipeline='builtin.module(mpc-set-target{target=sm_90a},func.func(mpc-expand-commit,mpc-form-kernels),mpc-plan-buffers,mpc-lower-to-gpu)' | FileCheck %s --check-prefix=GPU

// What is rounded to f16 takes the short form, whatever it is read as: no quotient, no exp.
// A GPU has an instruction for each of its two parts.
// CHECK-LABEL: module @cpu
// CHECK-NOT: arith.divf
// CHECK-NOT: math.exp
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
// GPU-LABEL: module @sm_90a
// GPU-COUNT-8: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"
// GPU-COUNT-8: nvvm.rcp.approx.ftz.f
// GPU: arith.truncf
func.func @forward(%x: tensor<16xf32>) -> tensor<16xf16> {
  %a = mpc.unary gelu_tanh %x : (tensor<16xf32>) -> tensor<16xf16>
  func.return %a : tensor<16xf16>
}

// -----

// The type of an op's own result counts, not that of what follows in the kernel.
// CHECK-LABEL: module @cpu
// CHECK: math.exp
// CHECK: arith.divf
// CHECK: arith.truncf
// GPU-LABEL: module @sm_90a
// GPU-NOT: approx
// GPU: arith.truncf
func.func @forward(%x: tensor<16xf16>) -> tensor<16xf16> {
  %a = mpc.unary silu %x : (tensor<16xf16>) -> tensor<16xf32>
  %b = mpc.cast %a : tensor<16xf32> to tensor<16xf16>
  func.return %b : tensor<16xf16>
}

// -----

// A derivative is what is multiplied by the gradient, and short where that is rounded to bf16.
// CHECK-LABEL: module @cpu
// GPU-LABEL: module @sm_90a
// CHECK-NOT: arith.divf
// CHECK-NOT: math.exp
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xbf16>
func.func @forward(%g: tensor<16xbf16>, %x: tensor<16xbf16>) -> tensor<16xbf16> {
  %a = mpc.unary_grad gelu %g, %x : (tensor<16xbf16>, tensor<16xbf16>) -> tensor<16xbf16>
  func.return %a : tensor<16xbf16>
}

// -----

// The few arguments that a reduction does not reach take the exact form, behind a branch;
// on a GPU one after another.
// CHECK-LABEL: module @cpu
// GPU-LABEL: module @sm_90a
// GPU: scf.if
// GPU: scf.for
// GPU: vector.extract
// GPU: math.sin {{.*}} : f32
// GPU: vector.insert
// GPU: else
// GPU-NOT: math.sin
// GPU: arith.truncf
// CHECK: scf.if
// CHECK: math.sin {{.*}} : vector<8xf32>
// CHECK: else
// CHECK-NOT: math.sin
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xbf16>
func.func @forward(%x: tensor<16xbf16>) -> tensor<16xbf16> {
  %a = mpc.unary sin %x : (tensor<16xbf16>) -> tensor<16xbf16>
  func.return %a : tensor<16xbf16>
}

// -----

// A square root stored in f16 is an instruction of a GPU, and exact elsewhere. A branch asks for
// whom it is as well: asinh has a root and a logarithm, its rare arguments only a logarithm.
// CHECK-LABEL: module @cpu
// CHECK: math.sqrt
// GPU-LABEL: module @sm_90a
// GPU-COUNT-8: llvm.call_intrinsic "llvm.nvvm.sqrt.approx.f"
// GPU-NOT: math.sqrt
// GPU: scf.if
// GPU: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"
// GPU: } else {
// GPU-COUNT-8: llvm.call_intrinsic "llvm.nvvm.sqrt.approx.ftz.f"
// GPU-COUNT-8: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"
func.func @forward(%x: tensor<16xf16>) -> (tensor<16xf16>, tensor<16xf16>) {
  %a = mpc.sqrt %x : (tensor<16xf16>) -> tensor<16xf16>
  %b = mpc.unary asinh %x : (tensor<16xf16>) -> tensor<16xf16>
  func.return %a, %b : tensor<16xf16>, tensor<16xf16>
}

// -----

// A power is short where its operands are of 16 bits as well. On a GPU it has a logarithm and a
// power of two, also of the rare numbers, which may be subnormal.
// CHECK-LABEL: module @cpu
// CHECK-NOT: math.powf
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
// GPU-LABEL: module @sm_90a
// GPU: scf.if
// GPU-COUNT-8: llvm.call_intrinsic "llvm.nvvm.lg2.approx.f"
// GPU: } else {
// GPU-COUNT-8: llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"
// GPU-COUNT-8: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"
func.func @forward(%x: tensor<16xf16>, %y: tensor<16xf16>) -> tensor<16xf16> {
  %a = mpc.pow %x, %y : (tensor<16xf16>, tensor<16xf16>) -> tensor<16xf16>
  func.return %a : tensor<16xf16>
}

// -----

// CHECK-LABEL: module @cpu
// GPU-LABEL: module @sm_90a
// CHECK-NOT: scf.if
// CHECK: math.powf
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
func.func @forward(%x: tensor<16xf16>, %y: tensor<16xf32>) -> tensor<16xf16> {
  %a = mpc.pow %x, %y : (tensor<16xf16>, tensor<16xf32>) -> tensor<16xf16>
  func.return %a : tensor<16xf16>
}

// -----

// Of cosh both powers are instructions of a GPU. sinh, where they cancel, has none.
// CHECK-LABEL: module @cpu
// GPU-LABEL: module @sm_90a
// GPU-LABEL: func.func @k0_elementwise
// GPU-COUNT-16: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"
// GPU-LABEL: func.func @k1_elementwise
// GPU-NOT: approx
// GPU: return
func.func @forward(%x: tensor<16xf16>, %y: tensor<24xf16>) -> (tensor<16xf16>, tensor<24xf16>) {
  %a = mpc.unary cosh %x : (tensor<16xf16>) -> tensor<16xf16>
  %b = mpc.unary sinh %y : (tensor<24xf16>) -> tensor<24xf16>
  func.return %a, %b : tensor<16xf16>, tensor<24xf16>
}
