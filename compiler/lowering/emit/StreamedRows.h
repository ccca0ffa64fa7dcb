// Rows too long for a block, each read once: clusters that go from row to row
// while those that follow are on their way.
#ifndef MPC_COMPILER_LOWERING_EMIT_STREAMEDROWS_H
#define MPC_COMPILER_LOWERING_EMIT_STREAMEDROWS_H

#include "compiler/lowering/emit/StreamPlan.h"
#include "compiler/lowering/emit/gpu/ThreadBuilder.h"
#include <functional>

namespace mpc {

/// Emits the code of such clusters. What is done with rows is in the hands of
/// the emitter of an op (Work); how they move, and who waits for what, is here.
class StreamedRows {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;

  /// `k` emits through `b`.
  StreamedRows(TileKernel &k, ThreadBuilder &b, StreamPlan plan,
               mlir::ValueRange operands);

  struct Row {
    Values kept;  ///< indices
    Value number; ///< i32
    Value which;  ///< i32, of those that are taken at once
    Value place;  ///< i32, among rows in shared memory
    Value begin;  ///< i32: elements before the first vector
  };
  /// What a thread has of a row: whole vectors, then one element that is in
  /// none.
  struct Place {
    Value number;  ///< i32, among the block's vectors or elements
    Value isThere; ///< i1: else what is read there is none of this thread's
    int64_t lanes; ///< 1 for an element
  };

  /// What is done with rows. Values of a row that threads exchange are as many
  /// as the plan says.
  struct Work {
    Values vectors; ///< beside all rows
    /// Asks for what memory has of a row beside its elements; null for nothing.
    std::function<Values(mlir::ValueRange kept)> known;
    /// f32 values of that, when it has come; null where it is f32.
    std::function<Values(mlir::ValueRange values)> knownAs;
    /// What this warp has of each row; all lanes the same.
    std::function<llvm::SmallVector<Values>(llvm::ArrayRef<Row> rows)> first;
    /// Joins by joinSenders() what those of a row sent: each lane has `values`
    /// of that many elements, which are that share of all; or `neutral`.
    std::function<Values(mlir::ValueRange values, Value elements, Value share)>
        join;
    Values neutral;
    /// What comes of the values of a whole row.
    std::function<Values(mlir::ValueRange values)> finish;
    /// Writes what memory is to have of these and of what came of them, in one
    /// thread of the cluster; null for nothing.
    std::function<void(const Row &row, mlir::ValueRange values,
                       mlir::ValueRange finished)>
        keep;
    /// Writes results of rows of which vectors beside all rows are beside the
    /// same places; `own` is what first() gave in this warp.
    std::function<void(llvm::ArrayRef<Row> rows,
                       llvm::ArrayRef<Values> finished,
                       llvm::ArrayRef<Values> own)>
        last;
  };
  void run(const Work &work);

  /// body(this thread's place in each row), for all that it has.
  void forPlaces(llvm::ArrayRef<Row> rows,
                 llvm::function_ref<void(llvm::ArrayRef<Place>)> body);
  /// body(the place that has this column, an i32), in the thread whose place it
  /// is; nowhere if the column is in no vector.
  void forVectorOf(const Row &row, Value column,
                   llvm::function_ref<void(const Place &)> body);
  /// f32 element(s) of an operand.
  Value load(const Row &row, const Place &place, int64_t operand);
  /// Gives the first operand, of f32, other element(s), which load() has from
  /// then on; of first().
  void replace(const Row &row, const Place &place, Value value);
  /// Those of one of Work::vectors.
  Value beside(const Row &row, const Place &place, int64_t number);
  /// What Work::known asked for; of first() and last().
  Value known(const Row &row, int64_t value);
  /// The place's first column, an index.
  Value column(const Row &row, const Place &place);
  void store(const Row &row, const Place &place,
             llvm::ArrayRef<std::pair<Value, Value>> results);
  /// Of each row what make(row, place) gives for all places that this warp has,
  /// joined; f32 values.
  using JoinValue = TileKernel::JoinValue;
  llvm::SmallVector<Values>
  fold(llvm::ArrayRef<Row> rows, mlir::ValueRange neutral,
       llvm::function_ref<Values(size_t, const Place &)> make, JoinValue join);
  /// f32: how many elements this warp has.
  Value elementsOfWarp(const Row &row);
  /// What the lanes that have one row's senders have of a value, joined; of
  /// Work::join.
  Value joinSenders(Value value, llvm::function_ref<Value(Value, Value)> join);

private:
  bool isRagged() const { return plan.rows.length() % plan.grain != 0; }
  /// Lanes that copy what is no vector of a row, and arrive for it.
  int64_t lanesForMore() const {
    if (isRagged())
      return StreamLayout::edges;
    return plan.values.known > 0 ? 1 : 0;
  }
  int64_t bytesOfElement(int64_t operand) const {
    mlir::Type type = elementTypeOf(operands[size_t(operand)]);
    return int64_t(type.getIntOrFloatBitWidth()) / 8;
  }

  // StreamedRows.cpp. All numbers are i32.
  llvm::SmallVector<Row, 0> rowsOf(Value number, Value ticket);
  Row rowOf(Value number, Value ticket, Value which);
  Place vectorPlace(const Row &row, int64_t number);
  Place edgePlace(const Row &row);
  /// Whether this warp has vectors beyond those of all, and edges.
  Value hasOthers();
  Value hasEdges();
  Value wholeVectors(const Row &row);
  Value ownVectors(const Row &row, Value ofBlock);
  Value edgesOf(const Row &row, Value ofBlock);
  Value edgeColumn(const Row &row, Value edge);
  Value elementsOf(const Row &row, Value ofWarp);
  Value elementsOfBlock(const Row &row, Value ofBlock);
  /// x, but not below 0 nor above that.
  Value within(Value x, int64_t most);
  Value smaller(Value x, Value y);
  Value smaller(Value x, int64_t y) { return smaller(x, b.number(y)); }
  Value asFloat(Value number);

  // Places in shared memory.
  Value at(int64_t offset, Value number, int64_t bytesOfEach);
  Value stageOf(const Row &row, int64_t operand);
  Value edgeAt(const Row &row, int64_t operand, Value edge);
  Value tablePlace(int64_t number, Value element);
  Value ticketPlace(Value number);
  Value knownPlace(const Row &row, int64_t value);
  Value valuePlace(int64_t values, int64_t perRow, int64_t senders,
                   Value number, const Row &row, int64_t value, Value sender);
  Value ofWarpPlace(Value number, const Row &row, int64_t value, Value ofWarp);
  Value ofBlockPlace(Value number, const Row &row, int64_t value,
                     Value ofBlock);
  Value finishedPlace(Value number, const Row &row, int64_t value);

  // StreamedTakes.cpp. `number` counts takes of a cluster, `ticket` those of
  // all.
  void wait(int64_t barriers, Value number, int64_t count);
  Value ticketOf(Value number);
  Value nextTicket(Value asks);
  Value offer(Value number, Value ticket);
  /// first(number, ticket) of every `step`-th, and last() so many takes later.
  using Turn = llvm::function_ref<void(Value number, Value ticket)>;
  void forTakes(Value begin, int64_t step, int64_t behind, Turn first,
                Turn last);

  // StreamedCopies.cpp
  void copy();
  void copyMore(const Work &work);
  Values loadMore(const Work &work, Value ticket);
  void copyVectors(Value number, Value ticket);
  /// What loadMore() gave for the take.
  void storeMore(const Work &work, Value number, Value ticket,
                 mlir::ValueRange more);
  void awaitStage(Value number);
  Value filledBarrier(Value number);
  Value memoryOf(const Row &row, int64_t operand);

  // StreamedWork.cpp
  void begin();
  void goOver(const Work &work);
  void fillTables(mlir::ValueRange vectors);
  void joinWarps(const Work &work);
  void joinBlocks(const Work &work);
  Values joined(const Work &work, int64_t senders, Value all,
                llvm::function_ref<Value(Value)> elementsOf,
                llvm::function_ref<void()> wait,
                llvm::function_ref<Value(int64_t, Value)> placeOf);
  /// Lanes that join a row.
  int64_t lanesOfRow() const { return 32 / plan.together; }
  Value senderOfLane();
  Row rowOfLane(Value number, Value ticket);

  TileKernel &k;
  ThreadBuilder &b;
  StreamPlan plan;
  llvm::SmallVector<Value> operands;
  StreamLayout layout;
  Value thread, warpOfBlock, lane, block; ///< i32
  Value group, warp;                      ///< the group's, and a warp of it
  bool isReplaced = false;                ///< what was copied, by replace()
};

/// Has emit(kernel, builder) emit the kernel through such a builder.
inline void
emitThreads(TileKernel &k,
            llvm::function_ref<void(TileKernel &, ThreadBuilder &)> emit) {
  ThreadBuilder b(k.loc, k.b);
  TileKernel own = k.with(b);
  emit(own, b);
}

} // namespace mpc

#endif
