#include "compiler/lowering/emit/RowPowers.h"
#include <limits>

using namespace mlir;
using namespace mpc;

// `fold` gets how to begin, to go on and to join.
template <typename Fold> auto RowPowers::sumBy(Term term, Fold fold) {
  return fold([&](int64_t n) { return Values{number(0, n)}; },
              [&](ValueRange so, ValueRange at, int64_t n) {
                return Values{addTerm(so[0], term(at, n))};
              },
              [&](size_t, Value x, Value y) { return addTerm(x, y); });
}

Value RowPowers::sumOver(ValueRange kept, int64_t lanes, Term term) {
  return sumBy(term,
               [&](auto... how) { return loops.fold(kept, lanes, how...); })[0];
}

// A cluster joins maxima and sums at once, so that its blocks wait for each
// other once.
RowPowers::RowSum RowPowers::sumOfPowers(ValueRange kept, int64_t lanes,
                                         Power power) {
  Value own = loops.foldOfBlock(
      kept, lanes,
      [&](int64_t n) {
        return Values{number(-std::numeric_limits<double>::infinity(), n)};
      },
      [&](ValueRange so, ValueRange at, int64_t n) {
        return Values{max(so[0], loops.loadHeld(0, at, n))};
      },
      [&](size_t, Value x, Value y) { return max(x, y); })[0];
  Value reference = k.team.block ? finite(own) : own;
  TileKernel::OfBlocks sums =
      sumBy([&](ValueRange at, int64_t n) { return power(reference, at, n); },
            [&](auto... how) {
              return loops.foldOfBlocks(kept, lanes, how..., own);
            });
  return {joined(sums(1), sums(0)), reference};
}

RowPowers::PowerSum RowPowers::joined(ValueRange references,
                                      ValueRange totals) {
  if (totals.size() == 1)
    return {references[0], totals[0]};
  Value reference = references[0], total;
  for (Value other : references.drop_front())
    reference = max(reference, other);
  for (auto [from, part] : llvm::zip_equal(references, totals)) {
    Value own = mul(part, rebase(from, reference));
    total = total ? add(total, own) : own;
  }
  return {reference, total};
}

Value RowPowers::referenceBehind(const RowSum &sum, Value &inverse) {
  if (!k.team.block || !loops.canHoldInstead(0))
    return sum.reference;
  inverse = mul(inverse, rebase(sum.held, sum.reference));
  return sum.held;
}

Value RowPowers::rebase(Value from, Value to) {
  return lowExp(sub(finite(from), finite(to)));
}

Value RowPowers::finite(Value reference) {
  return max(reference, number(-0x1.fffffep127));
}

//===-- Streamed rows -----------------------------------------------------===//

Value RowPowers::shiftedOf(StreamedRows &rows, const StreamedRows::Row &row,
                           const StreamedRows::Place &place, Value reference) {
  return sub(rows.load(row, place, 0), spread(reference, place.lanes));
}

Value RowPowers::rebaseHeld(ValueRange own, Value reference) {
  return rebase(own[1], reference);
}

// Each warp takes powers relative to its own largest element.
StreamedRows::Work RowPowers::sumStreamed(StreamedRows &rows, bool areHeld,
                                          std::function<Value(Value x)> power) {
  using Row = StreamedRows::Row;
  using Place = StreamedRows::Place;
  auto larger = [this](Value x, Value y) { return max(x, y); };
  auto sum = [this](Value x, Value y) { return add(x, y); };
  const Value zero = number(0);
  const Value none = number(-std::numeric_limits<double>::infinity());
  StreamedRows::Work work;
  work.neutral = {zero, none};
  work.first = [=, this, &rows](ArrayRef<Row> all) {
    auto references = rows.fold(
        all, none,
        [&](size_t i, const Place &place) {
          return Values{k.joinLanes(rows.load(all[i], place, 0), larger)};
        },
        [&](size_t, Value x, Value y) { return max(x, y); });
    Values bases = llvm::map_to_vector(
        references, [&](const Values &own) { return finite(own[0]); });
    auto values = rows.fold(
        all, zero,
        [&](size_t i, const Place &place) {
          Value e = power(shiftedOf(rows, all[i], place, bases[i]));
          if (areHeld)
            rows.replace(all[i], place, e);
          return Values{k.joinLanes(e, sum)};
        },
        [&](size_t, Value x, Value y) { return add(x, y); });
    for (auto [of, reference] : llvm::zip_equal(values, references))
      of.push_back(reference[0]);
    return values;
  };
  work.join = [=, this, &rows](ValueRange values, Value, Value) {
    Value reference = rows.joinSenders(values[1], larger);
    Value own = mul(values[0], rebase(values[1], reference));
    return Values{rows.joinSenders(own, sum), reference};
  };
  return work;
}
