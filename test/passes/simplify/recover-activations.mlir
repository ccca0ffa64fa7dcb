// RUN: mpc-opt %s --mpc-recover-ops | FileCheck %s

// CHECK-LABEL: func.func @nothing_to_do
func.func @nothing_to_do(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: mpc.unary sigmoid
  // CHECK: mpc.mul
  %s = mpc.unary sigmoid %x : (tensor<8xf32>) -> tensor<8xf32>
  %m = mpc.mul %y, %s : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %m : tensor<8xf32>
}

// As PyTorch's older exporter writes it: x / sqrt(2), and 0.5 last.
// CHECK-LABEL: func.func @gelu_by_quotient
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>
func.func @gelu_by_quotient(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = mpc.unary gelu %[[X]] {direction = #mpc.direction<forward>, node = ["div", "erf", "add", "mul", "half"], op_type = "Gelu"}
  // CHECK-NEXT: return %[[Y]]
  %root = mpc.constant dense<1.41421354> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %h = mpc.constant dense<0.5> : tensor<f32> : tensor<f32>
  %div = mpc.div %x, %root {node = ["div"], direction = #mpc.direction<forward>} : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %erf = mpc.unary erf %div {node = ["erf"], direction = #mpc.direction<forward>} : (tensor<8xf32>) -> tensor<8xf32>
  %add = mpc.add %erf, %one {node = ["add"], direction = #mpc.direction<forward>} : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %mul = mpc.mul %x, %add {node = ["mul"], direction = #mpc.direction<forward>} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %half = mpc.mul %mul, %h {node = ["half"], direction = #mpc.direction<forward>} : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  return %half : tensor<8xf32>
}

// Of x that is a product itself, with x * 0.5 first.
// CHECK-LABEL: func.func @gelu_by_product
func.func @gelu_by_product(%a: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-NEXT: %[[X:.*]] = mpc.mul
  // CHECK-NEXT: %[[Y:.*]] = mpc.unary gelu %[[X]]
  // CHECK-NEXT: return %[[Y]]
  %inverse = mpc.constant dense<0.707106769> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %h = mpc.constant dense<0.5> : tensor<f32> : tensor<f32>
  %x = mpc.mul %a, %b : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %half = mpc.mul %x, %h : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %arg = mpc.mul %inverse, %x : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  %erf = mpc.unary erf %arg : (tensor<8xf32>) -> tensor<8xf32>
  %add = mpc.add %one, %erf : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  %y = mpc.mul %half, %add : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// As GPT-2's activation is exported.
// CHECK-LABEL: func.func @gelu_tanh_by_pow
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>
func.func @gelu_tanh_by_pow(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = mpc.unary gelu_tanh %[[X]]
  // CHECK-NEXT: return %[[Y]]
  %h = mpc.constant dense<0.5> : tensor<f32> : tensor<f32>
  %three = mpc.constant dense<3.0> : tensor<f32> : tensor<f32>
  %c = mpc.constant dense<4.471500e-02> : tensor<f32> : tensor<f32>
  %k = mpc.constant dense<0.797884583> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %half = mpc.mul %x, %h : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %cube = mpc.pow %x, %three : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %part = mpc.mul %cube, %c : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %sum = mpc.add %x, %part : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %arg = mpc.mul %sum, %k : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %tanh = mpc.unary tanh %arg : (tensor<8xf32>) -> tensor<8xf32>
  %share = mpc.add %tanh, %one : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %y = mpc.mul %half, %share : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// x * sqrt(2 / pi) * (1 + 0.044715 * x * x), products alone.
// CHECK-LABEL: func.func @gelu_tanh_with_x_taken_out
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>
func.func @gelu_tanh_with_x_taken_out(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = mpc.unary gelu_tanh %[[X]]
  // CHECK-NEXT: return %[[Y]]
  %h = mpc.constant dense<0.5> : tensor<f32> : tensor<f32>
  %c = mpc.constant dense<4.471500e-02> : tensor<f32> : tensor<f32>
  %k = mpc.constant dense<0.797884583> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %cx = mpc.mul %c, %x : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  %cxx = mpc.mul %cx, %x : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %sum = mpc.add %one, %cxx : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  %kx = mpc.mul %k, %x : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  %arg = mpc.mul %kx, %sum : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %tanh = mpc.unary tanh %arg : (tensor<8xf32>) -> tensor<8xf32>
  %share = mpc.add %one, %tanh : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  %xs = mpc.mul %x, %share : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %y = mpc.mul %h, %xs : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// CHECK-LABEL: func.func @silu_and_mish
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>
func.func @silu_and_mish(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // CHECK-NEXT: %[[S:.*]] = mpc.unary silu %[[X]] {{.*}}op_type = "Swish"
  // CHECK-NEXT: %[[M:.*]] = mpc.unary mish %[[X]] {{.*}}op_type = "Mish"
  // CHECK-NEXT: return %[[S]], %[[M]]
  %g = mpc.unary sigmoid %x {node = ["g"]} : (tensor<8xf32>) -> tensor<8xf32>
  %s = mpc.mul %g, %x {node = ["s"]} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %p = mpc.unary softplus %x {node = ["p"]} : (tensor<8xf32>) -> tensor<8xf32>
  %t = mpc.unary tanh %p {node = ["t"]} : (tensor<8xf32>) -> tensor<8xf32>
  %m = mpc.mul %x, %t {node = ["m"]} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %s, %m : tensor<8xf32>, tensor<8xf32>
}

// 0.7 is no 1 / sqrt(2), and two units in the last place are too many.
// CHECK-LABEL: func.func @other_constants
func.func @other_constants(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // CHECK-NOT: mpc.unary gelu
  // CHECK: return
  %inverse = mpc.constant dense<0.7> : tensor<f32> : tensor<f32>
  %near = mpc.constant dense<0.707106948> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %h = mpc.constant dense<0.5> : tensor<f32> : tensor<f32>
  %half = mpc.mul %x, %h : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %arg = mpc.mul %x, %inverse : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %erf = mpc.unary erf %arg : (tensor<8xf32>) -> tensor<8xf32>
  %add = mpc.add %erf, %one : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %y = mpc.mul %half, %add : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %arg2 = mpc.mul %x, %near : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %erf2 = mpc.unary erf %arg2 : (tensor<8xf32>) -> tensor<8xf32>
  %add2 = mpc.add %erf2, %one : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %z = mpc.mul %half, %add2 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %y, %z : tensor<8xf32>, tensor<8xf32>
}

// The gate reads another value, a square stands for the cube, and a factor is
// missing.
// CHECK-LABEL: func.func @other_operands
func.func @other_operands(%x: tensor<8xf32>, %z: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  // CHECK-NOT: mpc.unary gelu
  // CHECK: return
  %inverse = mpc.constant dense<0.707106769> : tensor<f32> : tensor<f32>
  %one = mpc.constant dense<1.0> : tensor<f32> : tensor<f32>
  %h = mpc.constant dense<0.5> : tensor<f32> : tensor<f32>
  %two = mpc.constant dense<2.0> : tensor<f32> : tensor<f32>
  %c = mpc.constant dense<4.471500e-02> : tensor<f32> : tensor<f32>
  %k = mpc.constant dense<0.797884583> : tensor<f32> : tensor<f32>
  %half = mpc.mul %x, %h : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %arg = mpc.mul %z, %inverse : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %erf = mpc.unary erf %arg : (tensor<8xf32>) -> tensor<8xf32>
  %add = mpc.add %erf, %one : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %a = mpc.mul %half, %add : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %square = mpc.pow %x, %two : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %part = mpc.mul %square, %c : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %sum = mpc.add %x, %part : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %arg2 = mpc.mul %sum, %k : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %tanh = mpc.unary tanh %arg2 : (tensor<8xf32>) -> tensor<8xf32>
  %share = mpc.add %tanh, %one : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %b = mpc.mul %half, %share : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %arg3 = mpc.mul %x, %inverse : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %erf3 = mpc.unary erf %arg3 : (tensor<8xf32>) -> tensor<8xf32>
  %add3 = mpc.add %erf3, %one : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
  %d = mpc.mul %x, %add3 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %a, %b, %d : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: func.func @narrow_steps_round
func.func @narrow_steps_round(%x: tensor<8xf16>) -> tensor<8xf16> {
  // CHECK: mpc.unary sigmoid
  // CHECK: mpc.mul
  %g = mpc.unary sigmoid %x : (tensor<8xf16>) -> tensor<8xf16>
  %s = mpc.mul %g, %x : (tensor<8xf16>, tensor<8xf16>) -> tensor<8xf16>
  return %s : tensor<8xf16>
}
