// Sums of powers of e over rows, as softmax and cross entropy have them.
#ifndef MPC_COMPILER_LOWERING_EMIT_ROWPOWERS_H
#define MPC_COMPILER_LOWERING_EMIT_ROWPOWERS_H

#include "compiler/lowering/emit/AxisLoops.h"
#include "compiler/lowering/emit/StreamedRows.h"

namespace mpc {

class RowPowers : protected RowMath {
public:
  RowPowers(TileKernel &k, AxisPlan plan, mlir::ValueRange operands)
      : RowMath(k), loops(k, std::move(plan), operands) {}

protected:
  using Values = AxisLoops::Values;
  /// sum(exp(x - reference)) of some elements.
  struct PowerSum {
    Value reference, total;
  };
  /// Of a row, whose largest element is the reference.
  struct RowSum : PowerSum {
    Value held; ///< the reference of powers that were held (holdInstead)
  };
  using Term = llvm::function_ref<Value(mlir::ValueRange at, int64_t lanes)>;
  using Power = llvm::function_ref<Value(Value reference, mlir::ValueRange at,
                                         int64_t lanes)>;

  /// The sum of powers of operand 0's elements at `kept`. Each block of a
  /// cluster takes them relative to the largest element that it has.
  RowSum sumOfPowers(mlir::ValueRange kept, int64_t lanes, Power power);
  /// The same with all references and totals of a team's blocks.
  PowerSum joined(mlir::ValueRange references, mlir::ValueRange totals);
  /// What powers of a row's elements are relative to from here on, if operand 0
  /// may be held as powers. `inverse`, of the sum, is made to go with them.
  Value referenceBehind(const RowSum &sum, Value &inverse);
  /// e^(from - to) of references, of which `to` is larger.
  Value rebase(Value from, Value to);
  /// A reference such that elements of minus infinity are powers of 0, also if
  /// there are no others.
  Value finite(Value reference);
  /// The sum of term(at, lanes) over the elements at `kept`.
  Value sumOver(mlir::ValueRange kept, int64_t lanes, Term term);

  /// The work of streamed rows up to their sums of powers, which finish() gets:
  /// {total, reference}. With `areHeld` powers, relative to what rebaseHeld()
  /// knows, take the place of elements. Lives as long as `rows`.
  StreamedRows::Work sumStreamed(StreamedRows &rows, bool areHeld,
                                 std::function<Value(Value x)> power);
  /// What powers of a row are multiplied with to be relative to `reference`;
  /// `own` is what its warp had.
  Value rebaseHeld(mlir::ValueRange own, Value reference);
  /// An element of a streamed row, less the reference.
  Value shiftedOf(StreamedRows &rows, const StreamedRows::Row &row,
                  const StreamedRows::Place &place, Value reference);

  AxisLoops loops;

private:
  template <typename Fold> auto sumBy(Term term, Fold fold);
};

} // namespace mpc

#endif
