// RUN: mpc-opt %s --split-input-file --verify-diagnostics

func.func @broadcast_b1_shapes_differ(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error@below {{'mpc.add' op operands do not broadcast to the result: 'tensor<2x3xf32>', 'tensor<2xf32>' to 'tensor<2x3xf32>'}}
  %0 = mpc.add %x, %y : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_b2_types_mix(%x: tensor<3xf32>, %y: tensor<3xi64>) {
  // expected-error@below {{'mpc.mul' op mixes element types: 'tensor<3xf32>', 'tensor<3xi64>', 'tensor<3xf32>'; expected all floats or one integer type}}
  %0 = mpc.mul %x, %y : (tensor<3xf32>, tensor<3xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @unary_u1_shape_changes(%x: tensor<3xf32>) {
  // expected-error@below {{'mpc.relu' op changes the shape from 'tensor<3xf32>' to 'tensor<4xf32>'}}
  %0 = mpc.relu %x : (tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @relu_grad_r1_shape_changes(%x: tensor<3xf32>, %y: tensor<4xf32>) {
  // expected-error@below {{'mpc.relu_grad' op changes the shape from 'tensor<4xf32>' to 'tensor<3xf32>'}}
  %0 = mpc.relu_grad %x, %y : (tensor<3xf32>, tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @select_s1_shapes_differ(%c: tensor<2xi1>, %x: tensor<3xf32>) {
  // expected-error@below {{'mpc.select' op operands do not broadcast to the result: 'tensor<2xi1>', 'tensor<3xf32>', 'tensor<3xf32>' to 'tensor<3xf32>'}}
  %0 = mpc.select %c, %x, %x : (tensor<2xi1>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @select_s2_types_mix(%c: tensor<i1>, %x: tensor<i32>, %y: tensor<i64>) {
  // expected-error@below {{'mpc.select' op mixes element types: 'tensor<i32>', 'tensor<i64>', 'tensor<i64>'; expected all floats or one integer type}}
  %0 = mpc.select %c, %x, %y : (tensor<i1>, tensor<i32>, tensor<i64>) -> tensor<i64>
  return
}

// -----

func.func @cast_c1_shape_changes(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.cast' op changes the shape from 'tensor<4xf32>' to 'tensor<8xbf16>'}}
  %0 = mpc.cast %x : tensor<4xf32> to tensor<8xbf16>
  return
}

// -----

func.func @cast_c2_same_type(%x: tensor<4xf32>) {
  // expected-error@below {{'mpc.cast' op casts 'tensor<4xf32>' to itself}}
  %0 = mpc.cast %x : tensor<4xf32> to tensor<4xf32>
  return
}

// -----

func.func @constant_c1_types_differ() {
  // expected-error@below {{'mpc.constant' op has a value of type 'tensor<f32>' but the result is 'tensor<4xf32>'}}
  %0 = mpc.constant dense<1.0> : tensor<f32> : tensor<4xf32>
  return
}

// -----

func.func @compare_c1_shapes_differ(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error@below {{'mpc.compare' op operands do not broadcast to the result: 'tensor<2x3xf32>', 'tensor<2xf32>' to 'tensor<2x3xi1>'}}
  %0 = mpc.compare less %x, %y : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xi1>
  return
}

// -----

func.func @compare_c2_types_mix(%x: tensor<3xf32>, %y: tensor<3xi64>) {
  // expected-error@below {{'mpc.compare' op mixes element types: 'tensor<3xf32>', 'tensor<3xi64>'; expected all floats or one integer type}}
  %0 = mpc.compare equal %x, %y : (tensor<3xf32>, tensor<3xi64>) -> tensor<3xi1>
  return
}

// -----

func.func @unary_u1_function_changes_shape(%x: tensor<3xf32>) {
  // expected-error@below {{'mpc.unary' op changes the shape from 'tensor<3xf32>' to 'tensor<4xf32>'}}
  %0 = mpc.unary exp %x : (tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @unary_grad_u1_shape_changes(%g: tensor<3xf32>, %x: tensor<4xf32>) {
  // expected-error@below {{'mpc.unary_grad' op changes the shape from 'tensor<4xf32>' to 'tensor<3xf32>'}}
  %0 = mpc.unary_grad log %g, %x : (tensor<3xf32>, tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @unary_grad_u2_constant_function(%x: tensor<3xf32>) {
  // expected-error@below {{'mpc.unary_grad' op has the derivative of floor, which is 0}}
  %0 = mpc.unary_grad floor %x, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @convert_c1_shape_changes(%x: tensor<3xf32>) {
  // expected-error@below {{'mpc.convert' op changes the shape from 'tensor<3xf32>' to 'tensor<4xi64>'}}
  %0 = mpc.convert %x : tensor<3xf32> to tensor<4xi64>
  return
}

// -----

func.func @convert_c2_both_floats(%x: tensor<3xf32>) {
  // expected-error@below {{'mpc.convert' op converts 'f32' to 'f16'; expected two types that are not both floats}}
  %0 = mpc.convert %x : tensor<3xf32> to tensor<3xf16>
  return
}
