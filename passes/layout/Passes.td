#ifndef MPC_PASSES_LAYOUT
#define MPC_PASSES_LAYOUT

include "mlir/Pass/PassBase.td"

def SetTargetPass : Pass<"mpc-set-target", "::mlir::ModuleOp"> {
  let summary = "Says what the module is compiled for.";
  let description = [{
    Leaves the target's name as module attribute `mpc.target`, where the phases
    behind this one find it: how large tiles are and which emitters there are
    depend on it.
    Expects: final types. Leaves: the same with the attribute.
    Numerics: exact. Example: test/passes/layout/set-target.mlir
  }];
  let options = [
    Option<"target", "target", "std::string", "\"cpu\"",
           "cpu, sm_90a, sm_80 or ptx">
  ];
}

#endif
