#ifndef MPC_PASSES_CAST
#define MPC_PASSES_CAST

include "mlir/Pass/PassBase.td"

def InsertCastsPass : Pass<"mpc-insert-casts", "::mlir::ModuleOp"> {
  let summary = "Makes the types say what the precision decisions say.";
  let description = [{
    Gives each result the type it is stored in, and inserts an `mpc.cast` where a
    slot reads another type, once per value and type. A narrow read of a
    parameter or constant becomes a read of the derived state `@NAME.f16` or
    `@NAME.bf16`, which the step's commit writes with its parameter and `derive`
    computes anew; so no weight is cast on its way through the step. A constant
    read narrow is a narrow constant. The types of functions, of state and of the
    model's own casts stay. Operands without a decision are read as stored.
    Expects: decisions as mpc-assign-precision leaves them. Leaves: final types;
    the decisions stay, for reports.
    Numerics: rounds where decided. Example: test/passes/cast/insert-casts.mlir
  }];
}

def FoldCastPairsPass : Pass<"mpc-fold-cast-pairs"> {
  let summary = "Removes casts that go to a wider format and come back.";
  let description = [{
    A value that is widened and then narrowed to the format it started in is
    the value itself, so both casts disappear. A pair that narrows first is
    kept, because it rounds; so is every cast that the model itself contains.
    Expects: any module. Leaves: no widen-then-narrow pair with equal ends whose
    second cast is the compiler's.
    Numerics: exact. Example: test/passes/cast/fold-cast-pairs.mlir
  }];
}

#endif
