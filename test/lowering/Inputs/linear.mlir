// One dense layer in f16 with SGD, as the cast phase leaves it.
mpc.state @w : tensor<10x64xf32> {role = #mpc.role<parameter>, initializer = #mpc.uniform<0.125>}
mpc.state @b : tensor<10xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @w.f16 : tensor<10x64xf16> {role = #mpc.role<derived>, derived_from = @w}
mpc.state @lr : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<0.5>}
mpc.state @weight_decay : tensor<f32> {role = #mpc.role<hyper>, initializer = #mpc.fill<0.0>}
mpc.state @applied_steps : tensor<i64> {role = #mpc.role<step>, initializer = #mpc.fill<0.0>}
mpc.state @skipped_steps : tensor<i64> {role = #mpc.role<loop>, initializer = #mpc.fill<0.0>}
func.func @train_step(%x: tensor<32x64xf16> {mpc.name = "x"}, %y: tensor<32xi64> {mpc.name = "y", mpc.label = {kind = "class", classes = 10 : i64, class_axis = 1 : i64, ignore_index = -100 : i64}}) {
  %w = mpc.read @w : tensor<10x64xf32>
  %b = mpc.read @b : tensor<10xf32>
  %h = mpc.read @w.f16 : tensor<10x64xf16>
  %lr = mpc.read @lr : tensor<f32>
  %wd = mpc.read @weight_decay : tensor<f32>
  %n = mpc.read @applied_steps : tensor<i64>
  %skipped = mpc.read @skipped_steps : tensor<i64>
  %one = mpc.constant dense<1> : tensor<i64> : tensor<i64>
  %zero = mpc.constant dense<0> : tensor<i64> : tensor<i64>
  %z = mpc.gemm %x, %h, %b {trans_b, node = ["fc"], op_type = "Gemm", operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<32x64xf16>, tensor<10x64xf16>, tensor<10xf32>) -> tensor<32x10xf16>
  %loss = mpc.cross_entropy %z, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<32x10xf16>, tensor<32xi64>) -> tensor<f32>
  %seed = mpc.gradient_seed : () -> tensor<f32>
  %dz = mpc.cross_entropy_grad %seed, %z, %y {class_axis = 1 : i64, ignore_index = -100 : i64} : (tensor<f32>, tensor<32x10xf16>, tensor<32xi64>) -> tensor<32x10xf16>
  %dw = mpc.gemm %dz, %x {trans_a} : (tensor<32x10xf16>, tensor<32x64xf16>) -> tensor<10x64xf16>
  %db = mpc.reduce_sum %dz {axes = array<i64: 0>} : (tensor<32x10xf16>) -> tensor<10xf32>
  %gw = mpc.parameter_gradient %dw {parameter = @w} : (tensor<10x64xf16>) -> tensor<10x64xf32>
  %gb = mpc.parameter_gradient %db {parameter = @b} : (tensor<10xf32>) -> tensor<10xf32>
  %count, %finite = mpc.nonfinite_count %gw, %gb : (tensor<10x64xf32>, tensor<10xf32>) -> (tensor<i64>, tensor<i1>)
  %norm = mpc.global_norm %gw, %gb : (tensor<10x64xf32>, tensor<10xf32>) -> tensor<f32>
  %w1 = mpc.sgd %w, %gw, %lr, %wd {operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>} : (tensor<10x64xf32>, tensor<10x64xf32>, tensor<f32>, tensor<f32>) -> tensor<10x64xf32>
  %b1 = mpc.sgd %b, %gb, %lr, %wd {operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>} : (tensor<10xf32>, tensor<10xf32>, tensor<f32>, tensor<f32>) -> tensor<10xf32>
  %h1 = mpc.cast %w1 : tensor<10x64xf32> to tensor<10x64xf16>
  %n1 = mpc.add %n, %one : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %skip = mpc.select %finite, %zero, %one : (tensor<i1>, tensor<i64>, tensor<i64>) -> tensor<i64>
  %s1 = mpc.add %skipped, %skip : (tensor<i64>, tensor<i64>) -> tensor<i64>
  mpc.commit %finite : tensor<i1> predicated [@w, @b, @w.f16, @applied_steps](%w1, %b1, %h1, %n1 : tensor<10x64xf32>, tensor<10xf32>, tensor<10x64xf16>, tensor<i64>)
    always [@skipped_steps](%s1 : tensor<i64>)
    status ["applied", "applied_steps", "skipped_steps", "nonfinite_count", "loss", "grad_norm", "lr"](%finite, %n1, %s1, %count, %loss, %norm, %lr : tensor<i1>, tensor<i64>, tensor<i64>, tensor<i64>, tensor<f32>, tensor<f32>, tensor<f32>)
}
func.func @forward(%x: tensor<32x64xf16> {mpc.name = "x"}) -> (tensor<32x10xf16> {mpc.name = "z"}) {
  %b = mpc.read @b : tensor<10xf32>
  %h = mpc.read @w.f16 : tensor<10x64xf16>
  %z = mpc.gemm %x, %h, %b {trans_b, node = ["fc"], op_type = "Gemm", operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<32x64xf16>, tensor<10x64xf16>, tensor<10xf32>) -> tensor<32x10xf16>
  func.return %z : tensor<32x10xf16>
}
func.func @derive() {
  %w = mpc.read @w : tensor<10x64xf32>
  %h = mpc.cast %w : tensor<10x64xf32> to tensor<10x64xf16>
  mpc.commit predicated [] always [@w.f16](%h : tensor<10x64xf16>) status []
}
