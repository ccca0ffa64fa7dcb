// How clusters share rows that are too long for a block.
#ifndef MPC_COMPILER_LOWERING_EMIT_STREAMPLAN_H
#define MPC_COMPILER_LOWERING_EMIT_STREAMPLAN_H

#include "compiler/lowering/emit/AxisPlan.h"

namespace mpc {

/// How many f32 values go with each row.
struct ValuesOfRow {
  int64_t exchanged = 1; ///< between the threads that have a part of it
  int64_t finished = 1;  ///< that come of these
  int64_t known = 0;     ///< that memory has, such as a mean
  int64_t vectors = 0;   ///< beside all rows, such as a norm's scale
};

/// Each cluster takes the next rows that none has, so that all of them read and
/// write one region of memory at a time, and a fast one has more.
struct StreamPlan {
  AxisPlan rows;
  ValuesOfRow values;
  TeamShape team;
  int64_t clusters; ///< the tiles
  int64_t together; ///< rows that a cluster takes at once
  int64_t apart;    ///< how far these are from one to the next
  int64_t grain;   ///< elements; parts of rows begin at multiples and have them
  int64_t lanes;   ///< of a vector
  int64_t part;    ///< elements of a row that a block has, or less
  int64_t vectors; ///< of these, that each thread has
  int64_t others;  ///< warps that have one more
  int64_t warps;   ///< that go over a block's part
  int64_t groups;  ///< of so many, that take turns
  int64_t stages;  ///< for rows in shared memory
  /// Takes whose second pass a group leaves for later, while their values are
  /// joined: a multiple of the groups.
  int64_t delay;

  explicit StreamPlan(AxisPlan rows) : rows(std::move(rows)) {}
  int64_t takes() const; ///< how often clusters take rows, in all
  int64_t threads() const { return warps * 32; } ///< of a group
  int64_t vectorsOfPart() const { return part / lanes; }
  /// Of a block's part of a row, for so many bits of an element.
  int64_t bytesOfPart(int64_t bits) const { return part * bits / 8; }
  int64_t bytesOfRow(mlir::ValueRange operands) const;

  /// What a block has of a vector beside all rows, in elements: it begins where
  /// the block's part would without a row's first elements, and has as many
  /// more as may come before and behind vectors.
  int64_t tableLength() const { return tableRows() * lanes; }
  int64_t tableRows() const;
  int64_t tableBytes() const { return tableLength() * 4; }
};

/// Where a block's shared memory has what, in bytes.
struct StreamLayout {
  int64_t filled, emptied, taken, summed, sent, done; ///< barriers
  int64_t tickets, ofWarps, ofBlocks, finished, known, edgesOfRows, tables,
      stages;
  int64_t end;

  StreamLayout(const StreamPlan &plan, mlir::ValueRange operands);

  static constexpr int64_t bytesOfBarrier = 8, bytesOfValue = 4;
  /// Elements of a row that are in no vector, of a block; or less.
  static constexpr int64_t edges = 8;
  static constexpr int64_t mostStages = 8;
  static constexpr int64_t mostDelay = 2;
  /// Tickets that a cluster has before it needs them.
  static constexpr int64_t ahead = 3;
  /// Places for tickets. One is free once all blocks are done with the take;
  /// when rows are copied, they have begun the takes that are `stages` behind,
  /// and still read tickets that are the delay and a group's turn behind those.
  static constexpr int64_t ticketPlaces = 16;
  static_assert(ticketPlaces > mostStages + mostDelay + 2 + ahead);
  /// Takes with places for what warps and blocks send. A block that sends for
  /// one has done those that are the delay + 2 before; for which it had the
  /// others' values, who had then finished two takes less.
  static constexpr int64_t depth = 8;
  static_assert(depth >= 2 * mostDelay + 4);
};

/// The plan for a kernel that goes over the rows of these operands twice; none
/// where they are short or few, are computed, or are held by other means.
std::optional<StreamPlan> streamedRows(KernelOp kernel, const AxisPlan &rows,
                                       mlir::ValueRange operands,
                                       ValuesOfRow values);

} // namespace mpc

#endif
