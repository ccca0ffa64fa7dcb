// Numbers that say what an op does rather than what it computes with: axes,
// sizes, starts, ratios. Older opsets have them as attributes, newer ones as
// operands; either way they must be known at compile time.
#ifndef MPC_FRONTEND_RULES_AXES_H
#define MPC_FRONTEND_RULES_AXES_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

/// Counts negative axes from the end and sorts them; fails, with a problem,
/// unless all lie in `rank` and differ.
llvm::LogicalResult normaliseAxes(NodeImport &node, int64_t rank,
                                  llvm::SmallVector<int64_t> &axes);

/// Attribute `name` as one axis of `rank`, counted from the start. Nothing,
/// with a problem, if it lies outside.
std::optional<int64_t> readAxis(NodeImport &node, int64_t rank,
                                int64_t otherwise,
                                llvm::StringRef name = "axis");

/// Numbers that are attribute `name` before version `operandSince` and operand
/// `operand` from then on; empty if absent. Nothing, with a problem, if they
/// are not known at compile time.
std::optional<llvm::SmallVector<int64_t>> readInts(NodeImport &node,
                                                   llvm::StringRef name,
                                                   unsigned operand,
                                                   int64_t operandSince);

/// The same for `axes` as Squeeze, Unsqueeze and ReduceSum (13), the other
/// reductions (18) and Slice (10) have them.
std::optional<llvm::SmallVector<int64_t>>
readAxes(NodeImport &node, int64_t operandSince = 13, unsigned operand = 1);

/// A single number that is attribute `name` before version `operandSince` and
/// operand `operand` from then on; `otherwise` if absent. Nothing, with a
/// problem, if it is not known at compile time.
std::optional<double> readNumber(NodeImport &node, llvm::StringRef name,
                                 unsigned operand, int64_t operandSince,
                                 double otherwise);

/// The elements of operand `index`, of any type, if they are known at compile
/// time. Reports nothing.
std::optional<llvm::SmallVector<double>> knownNumbers(NodeImport &node,
                                                      unsigned index);

/// The one element of operand `index`, of any type, if that is known at compile
/// time. Reports nothing.
std::optional<double> knownNumber(NodeImport &node, unsigned index);

} // namespace mpc::frontend

#endif
