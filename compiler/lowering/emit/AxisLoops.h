// Loops over a tensor that is folded along some of its dimensions: reductions,
// softmax, normalisation by rows. One index of the other ("kept") dimensions,
// or one vector of them, is folded by one tile in an order fixed at compile
// time.
#ifndef MPC_COMPILER_LOWERING_EMIT_AXISLOOPS_H
#define MPC_COMPILER_LOWERING_EMIT_AXISLOOPS_H

#include "compiler/lowering/emit/AxisPlan.h"
#include "compiler/lowering/emit/RowMath.h"

namespace mpc {

class AxisLoops {
public:
  /// loadHeld() has these operands by number, or, if a tile has several rows
  /// side by side, each row of each operand: number operand * rows + row.
  AxisLoops(TileKernel &k, AxisPlan plan, mlir::ValueRange operands = {})
      : k(k), plan(std::move(plan)) {
    for (mlir::Value operand : operands)
      heldOperands.append(size_t(this->plan.together), operand);
    k.elements.assumeWholeVectors();
  }

  using Values = llvm::SmallVector<mlir::Value>;
  /// Called with indices, and the number of lanes of what is loaded there.
  using Body = llvm::function_ref<void(mlir::ValueRange, int64_t lanes)>;
  /// The values of no elements, with the given number of lanes.
  using Init = llvm::function_ref<Values(int64_t lanes)>;
  /// The next values after the element(s) at `indices` of the tensor.
  using Step = llvm::function_ref<Values(
      mlir::ValueRange carried, mlir::ValueRange indices, int64_t lanes)>;
  /// Joins value `i` of two groups of elements.
  using Join =
      llvm::function_ref<mlir::Value(size_t i, mlir::Value, mlir::Value)>;

  /// body(tile) for this call's tiles. Where shared memory holds a row, all of
  /// it is on its way there before anything waits for a part.
  void forTiles(TileKernel::Body body);
  /// body(kept indices, lanes) for all outputs of this call's tiles.
  void forOutputs(Body body);
  /// body(kept indices of each row) for all rows that a tile has side by side.
  /// fold() and forElements() go over the first: the other rows' elements have
  /// the same reduced indices.
  void forRows(llvm::function_ref<void(llvm::ArrayRef<Values> rows)> body);
  /// Folds the elements at `kept`. Without columns: eight partial results, then
  /// what is left of each row, joined in order.
  Values fold(mlir::ValueRange kept, int64_t lanes, Init init, Step step,
              Join join);
  /// The same of what this block of a cluster has of a row.
  Values foldOfBlock(mlir::ValueRange kept, int64_t lanes, Init init, Step step,
                     Join join);
  /// The same of every block of the team, with what all threads of a block know
  /// (TileKernel::gatherBlocks).
  TileKernel::OfBlocks foldOfBlocks(mlir::ValueRange kept, int64_t lanes,
                                    Init init, Step step, Join join,
                                    mlir::ValueRange known);
  /// f32: how many elements this block has of a row.
  mlir::Value lengthOfBlock(mlir::ValueRange kept);
  /// fold() by a team over one part of what is reduced; parts are of `size`
  /// elements, 8 for each thread or a multiple of that.
  Values foldPart(mlir::ValueRange kept, mlir::Value part, int64_t size,
                  Init init, Step step, Join join);
  /// body(indices of the tensor, lanes) for all elements at `kept`.
  void forElements(mlir::ValueRange kept, int64_t lanes, Body body);
  /// body(indices) for this column of a row, in the thread for which
  /// forElements() has it among several lanes, behind that; or in none if it
  /// is not in the row. Rows that registers hold have no such elements.
  void forElementOf(mlir::ValueRange kept, mlir::Value column,
                    llvm::function_ref<void(mlir::ValueRange)> body);

  /// Indices of the tensor.
  Values indices(mlir::ValueRange kept, mlir::ValueRange reduced);
  /// The same with 0 in place of what is reduced.
  Values keptDims(mlir::ValueRange kept);

  /// What `make` gives for the element(s) that fold() or forElements() is at,
  /// under the same number from one pass to the next. A team whose threads have
  /// few elements each keeps it in registers, so that the second pass neither
  /// reads nor computes it again; elsewhere `make` is called each time.
  mlir::Value hold(int64_t number, llvm::function_ref<mlir::Value()> make);

  /// Element(s) of an operand, held like that: if not in registers, then in the
  /// shared memory of a team that has some for it (TeamShape::heldBytes).
  mlir::Value loadHeld(int64_t number, mlir::ValueRange at, int64_t lanes);

  /// hold() of what is made of a held operand's element(s), which are hardly
  /// needed behind that: f32 values take their place in shared memory.
  mlir::Value holdInstead(int64_t operand, int64_t number, mlir::ValueRange at,
                          int64_t lanes,
                          llvm::function_ref<mlir::Value()> make);
  /// Whether they do.
  bool canHoldInstead(int64_t operand) const;

  /// Says that a step of fold() is little more than its load, so that a team
  /// may have several on their way at a time.
  void haveShortSteps() { stepsAtATime = 4; }

  /// Of the barrier that tells when rows have come, and what aligns it; behind
  /// all that is held.
  static constexpr int64_t bytesOfArrival = 16;
  /// Threads of a multiprocessor that hold rows in shared memory.
  static constexpr int64_t threadsHolding = 1024;

  /// Whether a team's registers hold a row.
  bool holdsRows() const { return heldSteps() > 0; }

  /// `lanes` elements at these indices. If `isThere`, an i1, says no they are
  /// others of the row, which do not count; null where they always do.
  struct Group {
    Values at;
    mlir::Value isThere;
  };
  /// The next values after several groups.
  using GroupStep = llvm::function_ref<Values(
      mlir::ValueRange carried, llvm::ArrayRef<Group> groups, int64_t lanes)>;
  /// What one thread of a team has folded: of groups with their lanes, and of
  /// single elements that are in none; init(1) if there are none.
  struct Shares {
    Values groups, edges;
  };
  /// This thread's share of the elements at `kept`, up to so many groups at a
  /// time, for folds whose values are not joined one by one.
  Shares foldOwn(mlir::ValueRange kept, int64_t groups, Init init,
                 GroupStep step);

private:
  // AxisLoops.cpp
  Values foldColumns(mlir::ValueRange kept, int64_t lanes, Init init,
                     Step step);
  Values foldRow(mlir::ValueRange kept, Init init, Step step, Join join);

  // TeamLoops.cpp
  /// Whether rows of a team are no whole vectors, so that most of them begin
  /// within one. Vectors are then whole among all elements of the tensor, and
  /// what a row has before its first and behind its last goes one by one.
  bool isRagged() const;
  /// Lanes of what a thread of a team reads at once, and where that is among
  /// the reduced elements.
  int64_t teamLanes() const;
  /// The same where a row has no end.
  int64_t fullLanes() const;
  Values teamIndices(mlir::ValueRange kept, mlir::Value position);

  /// Positions among the reduced elements.
  struct Span {
    mlir::Value begin, end;
  };
  /// Elements that a ragged row has behind its whole vectors at least, so that
  /// what is beside it can be read there.
  int64_t lanesBehind() const;
  /// Those that are whole vectors: all, but in a ragged row.
  Span wholeVectors(mlir::ValueRange kept);
  Span wholeVectorsOf(mlir::Value row);
  /// This block's part of them.
  Span ownVectors(Span whole);
  /// The others, of which no thread has more than one; those of all parts
  /// belong to part 0, if there are parts.
  Values forEdges(mlir::ValueRange kept, Span whole, Values carried, Step body,
                  mlir::Value part = {});
  /// This thread's column of them, not below the length if it has none.
  mlir::Value edgeColumn(Span whole);
  /// What `body` emits for the whole vectors.
  void forGroups(Span whole, llvm::function_ref<void()> body);
  void forShares(mlir::ValueRange kept, Body body);

  // TeamFolds.cpp
  /// This thread's share of a span, so many groups at a time, of which `rest`
  /// may be left.
  Values foldGroups(mlir::ValueRange kept, Span span, int64_t groups,
                    int64_t rest, Values init, GroupStep step);
  /// What is left of it, from this thread's next group on: at most so many.
  Values foldRest(mlir::ValueRange kept, mlir::Value first, mlir::Value end,
                  int64_t groups, Values totals, GroupStep step);
  /// How many groups of a row may be left for a thread, so many at a time.
  int64_t groupsLeft(int64_t groups) const;
  /// How many foldByThread() has at a time.
  int64_t groupsAtATime() const;
  /// A step for each of several groups.
  Values inTurn(mlir::ValueRange carried, llvm::ArrayRef<Group> groups,
                int64_t lanes, Step step);
  /// What this thread has of the elements at `kept`.
  Values foldByThread(mlir::ValueRange kept, Init init, Step step, Join join);
  Values ofThread(Shares shares, Join join);

  // HeldRows.cpp
  /// The steps of a thread if they are few, else 0.
  int64_t heldSteps() const;
  /// body(indices, carried) for those steps, one behind the other.
  Values forHeldSteps(mlir::ValueRange kept, Values carried, Step body);
  /// The same of the last one, if some threads have none.
  Values forLastStep(mlir::ValueRange kept, mlir::Value at,
                     mlir::ValueRange carried, Step body);
  /// Elements, of which whole vectors have a multiple and begin behind one.
  int64_t rowGrain() const;
  /// Where shared memory has an operand's vector that begins so many elements
  /// behind the first.
  mlir::Value sharedPlace(int64_t number, mlir::Value position);
  /// How far behind the first vector these indices are, in elements.
  mlir::Value placeInGroups(mlir::ValueRange at);

  // CopiedRows.cpp
  /// Whether the vectors of an operand come to shared memory by copies.
  bool isCopied(int64_t number) const;
  int64_t bytesOfElement(int64_t number) const;
  /// Where global memory has an element of an operand's row.
  mlir::Value rowMemory(int64_t number, mlir::Value row, mlir::Value column);
  /// i32: the bytes of a span's elements.
  mlir::Value bytesIn(Span own, int64_t bytesOfEach);
  /// body(operand, where global memory has this span of it, bytes) for what is
  /// copied of rows.
  void forCopied(mlir::ValueRange rows, Span own,
                 llvm::function_ref<void(int64_t number, mlir::Value from,
                                         mlir::Value bytes)>
                     body);
  void copyRows(mlir::Value tile, mlir::ValueRange rows);
  /// Has the rows of a tile that is to come in the second-level cache.
  void fetchRows(mlir::Value tile);
  /// The barrier of the copies, and a wait for it, if they are on their way.
  mlir::Value arrival();
  void awaitRows();

  TileKernel &k;
  AxisPlan plan;
  int64_t stepsAtATime = 1;
  std::optional<int64_t> heldStep; ///< that is being emitted
  llvm::DenseMap<std::pair<int64_t, int64_t>, mlir::Value> held;
  llvm::SmallVector<mlir::Value> heldOperands;
  /// Operands that shared memory has, and those that come there in this pass.
  llvm::DenseSet<int64_t> shared, comingThere;
  /// Operands in whose place is what was made of them, likewise.
  llvm::DenseSet<int64_t> replaced, beingReplaced;
  mlir::Value groupsBegin; ///< where the groups of this pass begin
  /// This thread's element of each held operand that is in no vector, if rows
  /// are copied.
  Values edges;
  bool isAtEdge = false;   ///< what is emitted, in forEdges()
  bool isArriving = false; ///< rows that are copied
};

/// Whether a kernel reads other rows of this length: one beside all rows, such
/// as a norm's scale, or several, such as a mask.
bool readsBeside(KernelOp kernel, const AxisPlan &plan, bool isOne);

/// Lanes of what a team reads of such rows at once, unless they have no such
/// vectors.
int64_t lanesOfRows(KernelOp kernel, const AxisPlan &plan);

/// Whether most rows begin within a vector of `grain` elements, see isRagged().
bool areRagged(KernelOp kernel, const AxisPlan &plan, TeamShape team,
               int64_t grain);

/// The elements of a row that each thread of a team, or most, has in registers
/// while it goes over it again; 0 if it reads them again.
int64_t heldElements(KernelOp kernel, const AxisPlan &plan, TeamShape team);

/// The elements of whole vectors that each of a team's blocks has, or less.
int64_t partOfBlock(const AxisPlan &plan, TeamShape team, int64_t lanes);

/// The team for rows of these operands, which are read more than once: with
/// shared memory for what its registers do not hold, if there is enough. It
/// joins `joined` values of each row at once.
TeamShape teamHolding(KernelOp kernel, const AxisPlan &plan,
                      mlir::ValueRange operands, int64_t joined = 1);

/// `plan` with as many rows side by side as such a team has shared memory for:
/// what is beside every row, such as a norm's scale, is then read once for all
/// of them.
AxisPlan withRowsTogether(KernelOp kernel, AxisPlan plan,
                          mlir::ValueRange operands, int64_t joined);

} // namespace mpc

#endif
