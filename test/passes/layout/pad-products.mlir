// RUN: mpc-opt %s --mpc-set-target=target=sm_90a --mpc-pad-products | FileCheck %s
// RUN: mpc-opt %s --mpc-set-target=target=sm_80 --mpc-pad-products | FileCheck %s --check-prefix=SAME

// A layer of 415 inputs, forward and both gradients, as in a recommendation model.
// The operands grow once; the concatenation and the slices take their part in it.
// CHECK-LABEL: func.func @layer
// CHECK-SAME: %[[A:.+]]: tensor<4096x64xf16>, %[[B:.+]]: tensor<4096x351xf16>, %[[W:.+]]: tensor<512x415xf16>,
// CHECK-NEXT: %[[ZEROS:.+]] = mpc.constant dense<0.000000e+00> : tensor<512x1xf16>
// CHECK-NEXT: %[[WEIGHT:.+]] = mpc.concat %[[W]], %[[ZEROS]] {axis = 1 : i64
// CHECK-NEXT: %[[ZERO:.+]] = mpc.constant dense<0.000000e+00> : tensor<4096x1xf16>
// CHECK-NEXT: %[[X:.+]] = mpc.concat %[[A]], %[[B]], %[[ZERO]] {axis = 1 : i64{{.*}}-> tensor<4096x416xf16>
// CHECK-NEXT: mpc.gemm %[[X]], %[[WEIGHT]], %{{.+}} {trans_b}
// CHECK-NEXT: %[[DX:.+]] = mpc.gemm %{{.+}}, %[[WEIGHT]] : (tensor<4096x512xf16>, tensor<512x416xf16>) -> tensor<4096x416xf16>
// CHECK-NEXT: mpc.slice %[[DX]] {{.*}}: (tensor<4096x416xf16>) -> tensor<4096x64xf16>
// CHECK-NEXT: mpc.slice %[[DX]] {{.*}}: (tensor<4096x416xf16>) -> tensor<4096x351xf16>
// CHECK-NEXT: %[[DW:.+]] = mpc.gemm %{{.+}}, %[[X]] {trans_a} {{.*}} -> tensor<512x416xf16>
// CHECK-NEXT: %[[CUT:.+]] = mpc.slice %[[DW]] {{.*}}starts = array<i64: 0, 0>{{.*}} -> tensor<512x415xf16>
// CHECK-NEXT: mpc.cast %[[CUT]]
// SAME-LABEL: func.func @layer
// SAME-NOT: mpc.constant
func.func @layer(%a: tensor<4096x64xf16>, %b: tensor<4096x351xf16>, %w: tensor<512x415xf16>,
                 %bias: tensor<512xf16>, %dy: tensor<4096x512xf16>)
    -> (tensor<4096x512xf16>, tensor<4096x64xf16>, tensor<4096x351xf16>, tensor<512x415xf32>) {
  %x = mpc.concat %a, %b {axis = 1 : i64}
      : (tensor<4096x64xf16>, tensor<4096x351xf16>) -> tensor<4096x415xf16>
  %y = mpc.gemm %x, %w, %bias {trans_b}
      : (tensor<4096x415xf16>, tensor<512x415xf16>, tensor<512xf16>) -> tensor<4096x512xf16>
  %dx = mpc.gemm %dy, %w
      : (tensor<4096x512xf16>, tensor<512x415xf16>) -> tensor<4096x415xf16>
  %da = mpc.slice %dx {starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}
      : (tensor<4096x415xf16>) -> tensor<4096x64xf16>
  %db = mpc.slice %dx {starts = array<i64: 0, 64>, steps = array<i64: 1, 1>}
      : (tensor<4096x415xf16>) -> tensor<4096x351xf16>
  %dw = mpc.gemm %dy, %x {trans_a}
      : (tensor<4096x512xf16>, tensor<4096x415xf16>) -> tensor<512x415xf16>
  %gradient = mpc.cast %dw : tensor<512x415xf16> to tensor<512x415xf32>
  return %y, %da, %db, %gradient
      : tensor<4096x512xf16>, tensor<4096x64xf16>, tensor<4096x351xf16>, tensor<512x415xf32>
}

// The depth of one operand lies along its columns.
// CHECK-LABEL: func.func @depth
// CHECK: mpc.concat {{.*}}-> tensor<808x512xbf16>
// CHECK: mpc.concat {{.*}}-> tensor<4096x808xbf16>
// CHECK: mpc.gemm {{.*}}-> tensor<4096x512xbf16>
func.func @depth(%a: tensor<4096x801xbf16>, %b: tensor<801x512xbf16>) -> tensor<4096x512xbf16> {
  %y = mpc.gemm %a, %b
      : (tensor<4096x801xbf16>, tensor<801x512xbf16>) -> tensor<4096x512xbf16>
  return %y : tensor<4096x512xbf16>
}

// Too small, not 16 bits, a bias that would have to grow: all stay.
// CHECK-LABEL: func.func @stay
// CHECK-NOT: mpc.concat
func.func @stay(%a: tensor<512x1000xf16>, %b: tensor<10x1000xf16>, %c: tensor<4096x415xf32>,
                %d: tensor<512x415xf32>, %e: tensor<4096x512xf16>, %f: tensor<512x415xf16>,
                %bias: tensor<415xf16>)
    -> (tensor<512x10xf16>, tensor<4096x512xf32>, tensor<4096x415xf16>) {
  %0 = mpc.gemm %a, %b {trans_b}
      : (tensor<512x1000xf16>, tensor<10x1000xf16>) -> tensor<512x10xf16>
  %1 = mpc.gemm %c, %d {trans_b}
      : (tensor<4096x415xf32>, tensor<512x415xf32>) -> tensor<4096x512xf32>
  %2 = mpc.gemm %e, %f, %bias
      : (tensor<4096x512xf16>, tensor<512x415xf16>, tensor<415xf16>) -> tensor<4096x415xf16>
  return %0, %1, %2 : tensor<512x10xf16>, tensor<4096x512xf32>, tensor<4096x415xf16>
}
