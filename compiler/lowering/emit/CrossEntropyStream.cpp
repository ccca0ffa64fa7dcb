// The gradient of cross_entropy, with or without the loss, of rows that
// clusters stream.
#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mpc;

// A row's known value has the bits of its label's number, or another negative
// one if it does not count.
void CrossEntropyRows::streamGradients(ThreadBuilder &t,
                                       const StreamPlan &plan) {
  using Row = StreamedRows::Row;
  using Place = StreamedRows::Place;
  constexpr int32_t ignored = -2;
  Factors factors = loadFactors();
  StreamedRows rows(k, t, plan, p.logits);
  auto i32 = [&](int64_t value) { return t.number(value); };
  auto labelOf = [&](const Row &row) -> Value {
    return arith::BitcastOp::create(b, loc, b.getI32Type(), rows.known(row, 0));
  };
  auto isCounted = [&](Value label) -> Value {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, label,
                                 i32(ignored));
  };
  auto powerOf = [=, this](Value x) { return raise(x, lift); };
  const bool areHeld = elementTypeOf(p.logits).isF32();
  StreamedRows::Work work = sumStreamed(rows, areHeld, powerOf);
  work.known = [&](ValueRange kept) { return Values{k.load(p.labels, kept)}; };
  work.knownAs = [&](ValueRange known) {
    Value label = known[0];
    Value cls = arith::SelectOp::create(b, loc, counts(label), numberOf(label),
                                        i32(ignored));
    return Values{arith::BitcastOp::create(b, loc, b.getF32Type(), cls)};
  };
  work.finish = [&](ValueRange sum) {
    return Values{inverseOf(sum[0]), sum[1]};
  };
  if (p.loss)
    work.keep = [&](const Row &row, ValueRange sum, ValueRange) {
      Value label = k.load(p.labels, row.kept), counted = counts(label);
      Value logit = k.load(p.logits, classAt(row.kept, safeIndex(label)));
      Value log = logOfSum(withoutLift(sum[0], lift));
      Value loss = sub(log, sub(logit, sum[1]));
      loss = arith::SelectOp::create(b, loc, counted, loss, number(0));
      Value one = arith::ExtUIOp::create(b, loc, b.getI64Type(), counted);
      Value weight =
          arith::SelectOp::create(b, loc, counted, number(1), number(0));
      storeTile(t.index(row.number), {loss, one, weight});
    };
  work.last = [&](ArrayRef<Row> all, ArrayRef<Values> finished,
                  ArrayRef<Values> own) {
    for (auto [row, of, before] : llvm::zip_equal(all, finished, own)) {
      Value label = labelOf(row);
      Scale scale{of[0], factors.ofGradient};
      if (areHeld)
        scale.inverse = mul(of[0], rebaseHeld(before, of[1]));
      Value both = mul(scale.inverse, scale.factor);
      auto store = [&, &row = row](const Place &place, Value y) {
        rows.store(row, place, {{p.result, y}});
      };
      auto powerAt = [&, &row = row, &of = of](const Place &place) {
        return areHeld ? rows.load(row, place, 0)
                       : powerOf(shiftedOf(rows, row, place, of[1]));
      };
      auto gradientAt = [&, &row = row](const Place &place) {
        Value column = rows.column(row, place);
        return plainGradient(powerAt(place), scale,
                             isLabel(label, column, place.lanes));
      };
      // Both may be subnormal where gradients of raised powers are not.
      auto product = [&](const Place &place) {
        auto by = [&](Value x, Value y) {
          return mul(x, spread(y, place.lanes));
        };
        return p.isShort ? by(by(powerAt(place), scale.inverse), scale.factor)
                         : by(powerAt(place), both);
      };
      rows.forPlaces(row, [&](ArrayRef<Place> at) {
        store(at[0], at[0].lanes == 1 ? gradientAt(at[0]) : product(at[0]));
      });
      // 0 also if a row that does not count has NaN.
      t.branch(
          isCounted(label),
          [&] {
            rows.forVectorOf(row, label, [&](const Place &place) {
              store(place, gradientAt(place));
            });
          },
          [&] {
            rows.forPlaces(row, [&](ArrayRef<Place> at) {
              store(at[0], number(0, at[0].lanes));
            });
          });
    }
  };
  rows.run(work);
}

bool CrossEntropyRows::emitsStream(TileKernel &k) {
  auto plan = CrossEntropyProblem(k.root).stream(k.kernel);
  if (!plan)
    return false;
  emitThreads(k, [&](TileKernel &own, ThreadBuilder &b) {
    CrossEntropyRows(own).streamGradients(b, *plan);
  });
  return true;
}
