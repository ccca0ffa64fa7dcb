#ifndef MPC_SCHEDULE_PASSES
#define MPC_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"

def ExpandCommitPass : Pass<"mpc-expand-commit", "::mlir::func::FuncOp"> {
  let summary = "Makes every write of a function's terminator an op of its own.";
  let description = [{
    Each predicated value becomes `select(applied, value, start-of-step value)`;
    nothing is selected if `applied` is the constant true. Each status takes the
    type that the status block gives it. A value that is no elementwise op's
    result, or that is written to two places, is copied by `mpc.broadcast` to its
    own shape.
    Expects: a function that ends in `mpc.commit` or `func.return`. Leaves: the
    same with distinct terminator operands; a committed or reported one comes
    from an elementwise op.
    Numerics: exact. Example: test/passes/schedule/expand-commit.mlir
  }];
  let dependentDialects = ["::mpc::MpcDialect"];
}

def JoinOverflowTestPass : Pass<"mpc-join-overflow-test", "::mlir::func::FuncOp"> {
  let summary = "Tests for overflow where the norm reads the gradients.";
  let description = [{
    `mpc.global_norm` and `mpc.nonfinite_count` become one `mpc.norm_and_count` if
    what one measures is computed, element by element, from what the other tests.
    They stay apart if something between them reads the count.
    Expects: what `mpc-expand-commit` leaves. Leaves: the same.
    Numerics: exact. Example: test/passes/schedule/join-overflow-test.mlir
  }];
  let dependentDialects = ["::mpc::MpcDialect"];
}

def JoinLossGradientPass : Pass<"mpc-join-loss-gradient", "::mlir::func::FuncOp"> {
  let summary = "Computes a loss where its gradient reads the logits.";
  let description = [{
    `mpc.cross_entropy` and its gradient become one `mpc.cross_entropy_and_grad`,
    which reads the logits once, where these are so large that reading them takes
    longer than the launch that it has more. They stay apart if something between
    them reads the loss.
    Expects: what `mpc-expand-commit` leaves. Leaves: the same.
    Numerics: exact, but for the order in which the loss adds its terms and their
    short forms. Example: test/passes/schedule/join-loss-gradient.mlir
  }];
  let dependentDialects = ["::mpc::MpcDialect"];
}

def RepeatTransformsPass : Pass<"mpc-repeat-transforms", "::mlir::func::FuncOp"> {
  let summary = "Gives a reduction its own copy of a transformed tensor's ops.";
  let description = [{
    The unscaled gradients are read by the update and by the global norm. Where
    what they are computed from is in memory anyway, both do the multiplication
    themselves, and the result is never stored. In general: a chain of elementwise
    ops that transform one tensor, between a value that other kernels read and an
    op that reads each element once, is repeated for that op if its end has other
    readers.
    Expects: what `mpc-expand-commit` leaves. Leaves: the same.
    Numerics: exact. Example: test/passes/schedule/repeat-transforms.mlir
  }];
  let dependentDialects = ["::mpc::MpcDialect"];
}

def ChooseProvidersPass : Pass<"mpc-choose-providers", "::mlir::ModuleOp"> {
  let summary = "Gives products and convolutions to libraries where rules say so.";
  let description = [{
    For a GPU, sets `provider` on every op that a rule gives to a library and that
    has a form which the library computes; of others a warning tells.
    With `check` nothing is set: a rule that matches nothing is a warning, one
    that gives a library ops of which it computes none an error.
    Expects: final types, a target; for `check` any module. Leaves: the same.
    Numerics: a library sums in an order of its own; each result is still rounded
    once. Example: test/passes/schedule/choose-providers.mlir
  }];
  let options = [
    ListOption<"rules", "rules", "std::string",
           "rules in order: OP=PROVIDER or NODEGLOB=PROVIDER">,
    Option<"checkOnly", "check", "bool", "false", "only judges the rules">,
  ];
}

def FormKernelsPass : Pass<"mpc-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "Puts every op into exactly one kernel.";
  let description = [{
    A kernel has at most one op that is not elementwise, its root. Elementwise
    ops join the kernel of an operand of their own shape, casts the kernel of
    their only reader, and what transforms one tensor an only reader that reads
    each element once. An op with a `provider` has a kernel of its own, which takes
    it over. Kernels are ordered so that a state is written in its own
    buffer after its last reader; where no such order exists the new value goes
    through a temporary and a copy at the end.
    Expects: what `mpc-expand-commit` leaves. Leaves: `mpc.read`, `mpc.kernel`,
    `mpc.reshape`, `mpc.constant` and the terminator. The kernel that yields a
    committed value is elementwise, and no kernel after it reads that state.
    Numerics: exact. Example: test/passes/schedule/form-kernels.mlir
  }];
  let dependentDialects = ["::mpc::MpcDialect"];
}

#endif
