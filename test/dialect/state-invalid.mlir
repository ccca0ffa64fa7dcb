// RUN: mpc-opt %s --split-input-file --verify-diagnostics

// expected-error@below {{'mpc.state' op is derived but names no state in derived_from}}
mpc.state @state_s1_derived_without_source : tensor<4xf16> {role = #mpc.role<derived>}

// -----

// expected-error@below {{'mpc.state' op has derived_from but is not derived}}
mpc.state @state_s1_source_without_role : tensor<4xf32> {role = #mpc.role<parameter>, derived_from = @w, initializer = #mpc.fill<0.0>}

// -----

// expected-error@below {{'mpc.state' op has no initializer}}
mpc.state @state_s1_no_initializer : tensor<4xf32> {role = #mpc.role<parameter>}

// -----

// expected-error@below {{'mpc.state' op has initializer 1 : i64; expected #mpc.fill, #mpc.uniform, #mpc.normal or #mpc.file}}
mpc.state @state_s1_unknown_initializer : tensor<4xf32> {role = #mpc.role<parameter>, initializer = 1 : i64}

// -----

// expected-error@below {{'mpc.state' op has type 'tensor<?xf32>'; expected a static tensor}}
mpc.state @state_s2_dynamic : tensor<?xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}

// -----

mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @read_s1_type_differs() {
  // expected-error@below {{'mpc.read' op reads 'tensor<3xf32>' from @w of type 'tensor<4xf32>'}}
  %0 = mpc.read @w : tensor<3xf32>
  return
}

// -----

func.func @read_s1_no_such_state() {
  // expected-error@below {{'mpc.read' op names @w, which is not a state}}
  %0 = mpc.read @w : tensor<3xf32>
  return
}

// -----

func.func @parameter_gradient_g1_shape_changes(%g: tensor<3xf16>) {
  // expected-error@below {{'mpc.parameter_gradient' op changes the shape from 'tensor<3xf16>' to 'tensor<4xf32>'}}
  %0 = mpc.parameter_gradient %g {parameter = @w} : (tensor<3xf16>) -> tensor<4xf32>
  return
}

// -----

mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @gradients_g1_counts_differ(%loss: tensor<f32>) {
  // expected-error@below {{'mpc.gradients' op has 1 parameters but 0 gradients}}
  mpc.gradients %loss : tensor<f32>, [@w]
}

// -----

mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @gradients_g1_shapes_differ(%loss: tensor<f32>) {
  // expected-error@below {{'mpc.gradients' op has a gradient 'tensor<f32>' for @w of type 'tensor<4xf32>'}}
  mpc.gradients %loss : tensor<f32>, [@w] (%loss : tensor<f32>)
}

// -----

mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @commit_c1_counts_differ() {
  // expected-error@below {{'mpc.commit' op has 1 state names but 0 values}}
  mpc.commit predicated [@w] always [] status []
}

// -----

mpc.state @w : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @commit_c1_types_differ(%x: tensor<f32>) {
  // expected-error@below {{'mpc.commit' op writes 'tensor<f32>' to @w of type 'tensor<4xf32>'}}
  mpc.commit predicated [@w] (%x : tensor<f32>) always [] status []
}

// -----

func.func @commit_c1_status_counts_differ() {
  // expected-error@below {{'mpc.commit' op has 1 status names but 0 values}}
  mpc.commit predicated [] always [] status ["loss"]
}

// -----

// expected-note@below {{declared here with role parameter}}
mpc.state @commit_c2_missing : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @train_step(%applied: tensor<i1>) {
  // expected-error@below {{'mpc.commit' op does not write @commit_c2_missing}}
  mpc.commit %applied : tensor<i1> predicated [] always [] status []
}

// -----

mpc.state @commit_c2_twice : tensor<f32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @train_step(%applied: tensor<i1>, %x: tensor<f32>) {
  // expected-error@below {{'mpc.commit' op writes @commit_c2_twice twice}}
  mpc.commit %applied : tensor<i1> predicated [@commit_c2_twice, @commit_c2_twice] (%x, %x : tensor<f32>, tensor<f32>) always [] status []
}

// -----

mpc.state @commit_c2_hyper : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<0.0>}
func.func @train_step(%applied: tensor<i1>, %x: tensor<f32>) {
  // expected-error@below {{'mpc.commit' op writes @commit_c2_hyper of role hyper, which no step may change}}
  mpc.commit %applied : tensor<i1> predicated [@commit_c2_hyper] (%x : tensor<f32>) always [] status []
}

// -----

mpc.state @commit_c2_derive : tensor<f32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @derive() {
  %x = mpc.read @commit_c2_derive : tensor<f32>
  // expected-error@below {{'mpc.commit' op writes @commit_c2_derive of role parameter; derive writes derived state only}}
  mpc.commit predicated [@commit_c2_derive] (%x : tensor<f32>) always [] status []
}

// -----

mpc.state @commit_c3_always : tensor<f32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
func.func @train_step(%applied: tensor<i1>, %x: tensor<f32>) {
  // expected-error@below {{'mpc.commit' op always writes @commit_c3_always of role parameter; only role loop may change in a skipped step}}
  mpc.commit %applied : tensor<i1> predicated [] always [@commit_c3_always] (%x : tensor<f32>) status []
}

// -----

// commit_c4
func.func @train_step() {
  // expected-error@below {{'mpc.commit' op has no applied operand; train_step needs one}}
  mpc.commit predicated [] always [] status []
}
