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

def PadProductsPass : Pass<"mpc-pad-products", "::mlir::ModuleOp"> {
  let summary = "Gives large products on tensor cores rows of whole 16 bytes.";
  let description = [{
    For sm_90a. The units that bring operands to wgmma copy rows whose length is a
    multiple of 16 bytes; a product with other rows goes to instructions that take
    twice the time or more. Where the product of 16-bit operands is large enough
    to pay for copies, zeros are put behind the rows, and users of a result that
    grows take a slice of it. A concatenation takes the zeros as one more operand;
    what else an operand comes from is copied once for all its products.
    Expects: final types, a target. Leaves: the same.
    Numerics: exact but for the order of sums. Example: test/passes/layout/pad-products.mlir
  }];
  let dependentDialects = ["::mpc::MpcDialect"];
}

def CompactGradientsPass : Pass<"mpc-compact-gradients", "::mlir::ModuleOp"> {
  let summary = "Keeps of a table's gradient the rows that may not be 0.";
  let description = [{
    A step looks up few of the rows of a large table, so most of its gradient is
    0, written once and read three times. `mpc.gather_grad` becomes the sums of
    the rows that were looked up, at the first position of each, and
    `mpc.expand_rows`, which the update reads through. The norm and the overflow
    test read the sums themselves, through what makes 0 of 0: zeros add nothing.
    A gradient stays dense if its indices are more than half of the table's rows,
    if it is small, or if another op than an update, a norm or an overflow test
    reads it.
    Expects: final types, a target. Leaves: the same.
    Numerics: exact but for the order of the norm's sum.
    Example: test/passes/layout/compact-gradients.mlir
  }];
  let dependentDialects = ["::mpc::MpcDialect"];
}

#endif
