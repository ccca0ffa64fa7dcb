// RUN: not mpc-opt %s --mpc-assign-precision=format=fp8 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not mpc-opt %s --mpc-assign-precision=policy=fast 2>&1 | FileCheck %s --check-prefix=POLICY
// RUN: not mpc-opt %s --mpc-assign-precision="rules=perhaps=Gemm" 2>&1 | FileCheck %s --check-prefix=RULE
// RUN: not mpc-opt %s --mpc-assign-precision="rules=deny=r*,allow=Relu" 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: mpc-opt %s --mpc-assign-precision="rules=deny=Conv,allow=Relu" 2>&1 | FileCheck %s --check-prefix=UNUSED
// RUN: mpc-opt %s --mpc-assign-precision="rules=allow=Relu" 2>&1 | FileCheck %s --check-prefix=USED

// FORMAT: error: precision is 'fp8'; expected fp16, bf16 or fp32
// POLICY: error: policy 'fast' is neither default, pytorch, tensorflow, none, all nor a file ending in .json
// RULE: error: rule 'perhaps=Gemm' is not CLASS=TEXT with class allow, infer, clear or deny
// ORDER: error: rules '--deny r*' (deny) and '--allow Relu' (allow) both match node 'relu' (Relu) and neither is more specific
// UNUSED: warning: rule '--deny Conv' matches nothing; see 'mpc explain' for the op types and nodes there are
// USED-NOT: warning
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  // USED: mpc.relu {{.*}}#mpc.precision<allow [f16 "a rule says so" from "--allow Relu"] -> [f16
  %r = mpc.relu %x {node = ["relu"], op_type = "Relu"} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
