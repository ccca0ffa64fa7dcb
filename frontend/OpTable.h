// The ONNX operators that are imported, one row each.
#ifndef MPC_FRONTEND_OPTABLE_H
#define MPC_FRONTEND_OPTABLE_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

/// Builds the IR of a node and sets its results, or reports why it cannot.
using ImportRule = llvm::LogicalResult (*)(NodeImport &node);

struct OpRow {
  llvm::StringLiteral opType;
  /// Opset versions in which the operator changed, ascending.
  std::initializer_list<int64_t> versions;
  ImportRule rule;
};

/// All rows, by op type.
llvm::ArrayRef<OpRow> opTable();
/// The row of an operator, or null.
const OpRow *findRow(llvm::StringRef opType);
/// The newest version of the operator that is not newer than `opset`.
int64_t sinceVersion(const OpRow &row, int64_t opset);

// The rules, by family: frontend/rules/.
llvm::LogicalResult importGemm(NodeImport &node);
llvm::LogicalResult importMatMul(NodeImport &node);
llvm::LogicalResult importEinsum(NodeImport &node);
llvm::LogicalResult importConv(NodeImport &node);
llvm::LogicalResult importConvTranspose(NodeImport &node);
llvm::LogicalResult importMaxPool(NodeImport &node);
llvm::LogicalResult importAveragePool(NodeImport &node);
llvm::LogicalResult importGlobalAveragePool(NodeImport &node);
llvm::LogicalResult importGlobalMaxPool(NodeImport &node);
llvm::LogicalResult importLpPool(NodeImport &node);
llvm::LogicalResult importGlobalLpPool(NodeImport &node);
llvm::LogicalResult importBatchNormalization(NodeImport &node);
llvm::LogicalResult importRelu(NodeImport &node);
llvm::LogicalResult importNeg(NodeImport &node);
llvm::LogicalResult importSqrt(NodeImport &node);
llvm::LogicalResult importAdd(NodeImport &node);
llvm::LogicalResult importSub(NodeImport &node);
llvm::LogicalResult importMul(NodeImport &node);
llvm::LogicalResult importDiv(NodeImport &node);
llvm::LogicalResult importCast(NodeImport &node);
llvm::LogicalResult importIdentity(NodeImport &node);
llvm::LogicalResult importDropout(NodeImport &node);
llvm::LogicalResult importConstant(NodeImport &node);
llvm::LogicalResult importFlatten(NodeImport &node);
llvm::LogicalResult importReshape(NodeImport &node);
llvm::LogicalResult importSqueeze(NodeImport &node);
llvm::LogicalResult importUnsqueeze(NodeImport &node);
llvm::LogicalResult importTranspose(NodeImport &node);

} // namespace mpc::frontend

#endif
