// AxisLoops where each thread of a team folds its share of a row.
#include "compiler/lowering/emit/AxisLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

//===-- Groups ------------------------------------------------------------===//

int64_t AxisLoops::groupsLeft(int64_t groups) const {
  int64_t length = plan.length(), stride = teamLanes() * k.team.size;
  if (k.team.block)
    return groups - 1;
  // What a row may have before and behind whole vectors, and be less.
  int64_t beside = isRagged() ? 2 * (rowGrain() - 1) + lanesBehind() : 0;
  int64_t least = std::max<int64_t>(length - beside, 0) / stride;
  int64_t most = llvm::divideCeil(length, stride), left = 0;
  for (int64_t all = least; all <= most; ++all)
    left = std::max(left, all % groups);
  return left;
}

int64_t AxisLoops::groupsAtATime() const {
  constexpr int64_t usual = 4, most = 8;
  int64_t all = llvm::divideCeil(plan.length(), teamLanes() * k.team.size);
  if (stepsAtATime == 1 || groupsLeft(usual) == 0 || all > 2 * most)
    return stepsAtATime;
  // As few turns as possible.
  int64_t best = usual;
  for (int64_t groups = usual; groups <= most; ++groups)
    if (llvm::divideCeil(all, groups) < llvm::divideCeil(all, best))
      best = groups;
  return best;
}

// So many groups at a time. Of the last ones some may not be there, and the
// last of the span are in their place.
AxisLoops::Values AxisLoops::foldGroups(ValueRange kept, Span span,
                                        int64_t groups, int64_t rest,
                                        Values init, GroupStep step) {
  int64_t lanes = teamLanes(), stride = lanes * k.team.size;
  Value first = arith::AddIOp::create(k.b, k.loc, span.begin,
                                      k.times(k.team.rank, lanes));
  auto moved = [&](Value position, int64_t by) -> Value {
    return arith::AddIOp::create(k.b, k.loc, position, k.index(by * stride));
  };
  auto run = [&](Value to, ValueRange carried) {
    return k.fold(first, to, groups * stride, carried,
                  [&](Value position, ValueRange so) {
                    SmallVector<Group> all;
                    for (int64_t i = 0; i < groups; ++i)
                      all.push_back(
                          {teamIndices(kept, moved(position, i)), {}});
                    return step(so, all, lanes);
                  });
  };
  if (rest == 0)
    return run(span.end, init);
  // Behind this position there are fewer.
  Value last = moved(span.end, 1 - groups);
  Values totals = run(last, init);
  Value left = arith::MaxSIOp::create(
      k.b, k.loc, arith::SubIOp::create(k.b, k.loc, last, first), k.index(0));
  int64_t each = groups * stride;
  Value raised = arith::AddIOp::create(k.b, k.loc, left, k.index(each - 1));
  Value done = k.times(k.divide(raised, each).first, each);
  Value behind = arith::AddIOp::create(k.b, k.loc, first, done);
  return foldRest(kept, behind, span.end, rest, totals, step);
}

AxisLoops::Values AxisLoops::foldRest(ValueRange kept, Value first, Value end,
                                      int64_t groups, Values totals,
                                      GroupStep step) {
  int64_t lanes = teamLanes(), stride = lanes * k.team.size;
  auto isInside = [&](Value position) -> Value {
    return arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                 position, end);
  };
  auto branch = scf::IfOp::create(k.b, k.loc, ValueRange(totals).getTypes(),
                                  isInside(first), true);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(k.b, k.loc, totals);
  k.b.setInsertionPointToStart(branch.thenBlock());
  Value last = arith::SubIOp::create(k.b, k.loc, end, k.index(lanes));
  SmallVector<Group> all = {{teamIndices(kept, first), {}}};
  for (int64_t i = 1; i < groups; ++i) {
    Value position =
        arith::AddIOp::create(k.b, k.loc, first, k.index(i * stride));
    Value place = arith::MinSIOp::create(k.b, k.loc, position, last);
    all.push_back({teamIndices(kept, place), isInside(position)});
  }
  scf::YieldOp::create(k.b, k.loc, step(totals, all, lanes));
  return Values(branch.getResults());
}

//===-- Shares ------------------------------------------------------------===//

AxisLoops::Shares AxisLoops::foldOwn(ValueRange kept, int64_t groups, Init init,
                                     GroupStep step) {
  int64_t length = plan.length(), stride = teamLanes() * k.team.size;
  groups = std::clamp<int64_t>(length / stride, 1, groups);
  Span whole = wholeVectors(kept), own = ownVectors(whole);
  Shares shares;
  auto foldEdges = [&] {
    shares.edges = forEdges(
        kept, whole, init(1),
        [&](ValueRange so, ValueRange at, int64_t lanes) {
          return step(so, Group{Values(at), {}}, lanes);
        },
        k.team.block);
  };
  // Those of copied rows come behind the copies.
  if (edges.empty())
    foldEdges();
  forGroups(own, [&] {
    shares.groups = foldGroups(kept, own, groups, groupsLeft(groups),
                               init(teamLanes()), step);
  });
  if (!edges.empty())
    foldEdges();
  return shares;
}

AxisLoops::Values AxisLoops::ofThread(Shares shares, Join join) {
  for (auto [i, total] : llvm::enumerate(shares.groups)) {
    auto joinBoth = [&](Value x, Value y) { return join(i, x, y); };
    total = k.joinLanes(total, joinBoth);
    if (isRagged())
      total = joinBoth(total, shares.edges[i]);
  }
  return shares.groups;
}

AxisLoops::Values AxisLoops::inTurn(ValueRange carried, ArrayRef<Group> groups,
                                    int64_t lanes, Step step) {
  Values so(carried);
  for (const Group &group : groups) {
    Values next = step(so, group.at, lanes);
    for (auto [value, before] : llvm::zip_equal(next, so))
      if (group.isThere)
        value =
            arith::SelectOp::create(k.b, k.loc, group.isThere, value, before);
    so = next;
  }
  return so;
}

AxisLoops::Values AxisLoops::foldByThread(ValueRange kept, Init init, Step step,
                                          Join join) {
  if (heldSteps() > 0)
    return ofThread({forHeldSteps(kept, init(teamLanes()), step), {}}, join);
  auto all = [&](ValueRange so, ArrayRef<Group> at, int64_t lanes) {
    return inTurn(so, at, lanes, step);
  };
  return ofThread(foldOwn(kept, groupsAtATime(), init, all), join);
}

AxisLoops::Values AxisLoops::foldOfBlock(ValueRange kept, int64_t lanes,
                                         Init init, Step step, Join join) {
  if (k.team.size == 1)
    return fold(kept, lanes, init, step, join);
  return k.joinBlock(foldByThread(kept, init, step, join), join);
}

TileKernel::OfBlocks AxisLoops::foldOfBlocks(ValueRange kept, int64_t lanes,
                                             Init init, Step step, Join join,
                                             ValueRange known) {
  Values own = k.team.size == 1 ? fold(kept, lanes, init, step, join)
                                : foldByThread(kept, init, step, join);
  return k.gatherBlocks(own, join, known);
}

Value AxisLoops::lengthOfBlock(ValueRange kept) {
  if (!k.team.block)
    return f32Constant(k.b, k.loc, double(plan.length()));
  Span whole = wholeVectors(kept), own = ownVectors(whole);
  auto lengthOf = [&](Span span) -> Value {
    return arith::SubIOp::create(k.b, k.loc, span.end, span.begin);
  };
  // The first has what is in no vector too.
  Value isFirst = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::eq,
                                        k.team.block, k.index(0));
  Value edges = arith::SubIOp::create(k.b, k.loc, k.index(plan.length()),
                                      lengthOf(whole));
  Value more = arith::SelectOp::create(k.b, k.loc, isFirst, edges, k.index(0));
  Value length = arith::AddIOp::create(
      k.b, k.loc, arith::MaxSIOp::create(k.b, k.loc, lengthOf(own), k.index(0)),
      more);
  return arith::SIToFPOp::create(
      k.b, k.loc, k.b.getF32Type(),
      Value(arith::IndexCastOp::create(k.b, k.loc, k.b.getI32Type(), length)));
}

AxisLoops::Values AxisLoops::foldPart(ValueRange kept, Value part, int64_t size,
                                      Init init, Step step, Join join) {
  int64_t groups = size / (teamLanes() * k.team.size);
  bool isExact = !isRagged() && plan.length() % size == 0;
  Span whole = wholeVectors(kept);
  Shares shares;
  shares.edges = forEdges(kept, whole, init(1), step, part);
  Value begin =
      arith::AddIOp::create(k.b, k.loc, whole.begin, k.times(part, size));
  Value end = arith::AddIOp::create(k.b, k.loc, begin, k.index(size));
  end = arith::MinSIOp::create(k.b, k.loc, end, whole.end);
  forGroups(whole, [&] {
    shares.groups = foldGroups(
        kept, {begin, end}, groups, isExact ? 0 : groups - 1, init(teamLanes()),
        [&](ValueRange so, ArrayRef<Group> at, int64_t lanes) {
          return inTurn(so, at, lanes, step);
        });
  });
  return k.joinTeam(ofThread(std::move(shares), join), join);
}
