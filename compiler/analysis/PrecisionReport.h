// What was decided for every op, what it costs and what it saves.
#ifndef MPC_COMPILER_ANALYSIS_PRECISIONREPORT_H
#define MPC_COMPILER_ANALYSIS_PRECISIONREPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"
#include <nlohmann/json.hpp>

namespace mpc {

/// The report of a module after the cast phase
/// (docs/schemas/explain.schema.json has its form). Types and casts are read
/// from the IR itself, reasons from the decisions on the ops. Describes
/// `train_step`, or `forward` where there is no training, and counts the casts
/// of every function. Sizes are in bytes per step.
nlohmann::json precisionReport(mlir::ModuleOp module);

/// Prints a report as a table: a line per op, then the casts and the totals.
void printReport(const nlohmann::json &report, llvm::raw_ostream &os);

/// Prints a report as a Graphviz graph, coloured by what ops store
/// (PrecisionGraph.cpp says what is drawn).
void printDot(const nlohmann::json &report, llvm::raw_ostream &os);

} // namespace mpc

#endif
