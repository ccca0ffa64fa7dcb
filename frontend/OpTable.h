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
llvm::LogicalResult importDropout(NodeImport &node);
llvm::LogicalResult importGroupNormalization(NodeImport &node);
llvm::LogicalResult importHardmax(NodeImport &node);
llvm::LogicalResult importInstanceNormalization(NodeImport &node);
llvm::LogicalResult importLayerNormalization(NodeImport &node);
llvm::LogicalResult importLogSoftmax(NodeImport &node);
llvm::LogicalResult importLpNormalization(NodeImport &node);
llvm::LogicalResult importLrn(NodeImport &node);
llvm::LogicalResult importMeanVarianceNormalization(NodeImport &node);
llvm::LogicalResult importNegativeLogLikelihoodLoss(NodeImport &node);
llvm::LogicalResult importReduceL1(NodeImport &node);
llvm::LogicalResult importReduceL2(NodeImport &node);
llvm::LogicalResult importReduceLogSum(NodeImport &node);
llvm::LogicalResult importReduceLogSumExp(NodeImport &node);
llvm::LogicalResult importReduceMax(NodeImport &node);
llvm::LogicalResult importReduceMean(NodeImport &node);
llvm::LogicalResult importReduceMin(NodeImport &node);
llvm::LogicalResult importReduceProd(NodeImport &node);
llvm::LogicalResult importReduceSum(NodeImport &node);
llvm::LogicalResult importReduceSumSquare(NodeImport &node);
llvm::LogicalResult importRmsNormalization(NodeImport &node);
llvm::LogicalResult importSoftmax(NodeImport &node);
llvm::LogicalResult importSoftmaxCrossEntropyLoss(NodeImport &node);
llvm::LogicalResult importRelu(NodeImport &node);
llvm::LogicalResult importNeg(NodeImport &node);
llvm::LogicalResult importSqrt(NodeImport &node);
llvm::LogicalResult importAdd(NodeImport &node);
llvm::LogicalResult importSub(NodeImport &node);
llvm::LogicalResult importMul(NodeImport &node);
llvm::LogicalResult importDiv(NodeImport &node);
llvm::LogicalResult importCast(NodeImport &node);
llvm::LogicalResult importAnd(NodeImport &node);
llvm::LogicalResult importBitwiseAnd(NodeImport &node);
llvm::LogicalResult importBitwiseNot(NodeImport &node);
llvm::LogicalResult importBitwiseOr(NodeImport &node);
llvm::LogicalResult importBitwiseXor(NodeImport &node);
llvm::LogicalResult importCastLike(NodeImport &node);
llvm::LogicalResult importClip(NodeImport &node);
llvm::LogicalResult importCompare(NodeImport &node);
llvm::LogicalResult importGelu(NodeImport &node);
llvm::LogicalResult importIsInf(NodeImport &node);
llvm::LogicalResult importIsNaN(NodeImport &node);
llvm::LogicalResult importMax(NodeImport &node);
llvm::LogicalResult importMean(NodeImport &node);
llvm::LogicalResult importMin(NodeImport &node);
llvm::LogicalResult importMod(NodeImport &node);
llvm::LogicalResult importNot(NodeImport &node);
llvm::LogicalResult importOr(NodeImport &node);
llvm::LogicalResult importPRelu(NodeImport &node);
llvm::LogicalResult importPow(NodeImport &node);
llvm::LogicalResult importSum(NodeImport &node);
llvm::LogicalResult importUnaryFunction(NodeImport &node);
llvm::LogicalResult importWhere(NodeImport &node);
llvm::LogicalResult importXor(NodeImport &node);
llvm::LogicalResult importIdentity(NodeImport &node);
llvm::LogicalResult importConstant(NodeImport &node);
llvm::LogicalResult importFlatten(NodeImport &node);
llvm::LogicalResult importReshape(NodeImport &node);
llvm::LogicalResult importSqueeze(NodeImport &node);
llvm::LogicalResult importUnsqueeze(NodeImport &node);
llvm::LogicalResult importTranspose(NodeImport &node);
llvm::LogicalResult importArgMax(NodeImport &node);
llvm::LogicalResult importArgMin(NodeImport &node);
llvm::LogicalResult importCenterCropPad(NodeImport &node);
llvm::LogicalResult importCompress(NodeImport &node);
llvm::LogicalResult importConcat(NodeImport &node);
llvm::LogicalResult importConstantOfShape(NodeImport &node);
llvm::LogicalResult importCumSum(NodeImport &node);
llvm::LogicalResult importDepthToSpace(NodeImport &node);
llvm::LogicalResult importExpand(NodeImport &node);
llvm::LogicalResult importEyeLike(NodeImport &node);
llvm::LogicalResult importGather(NodeImport &node);
llvm::LogicalResult importGatherElements(NodeImport &node);
llvm::LogicalResult importGatherND(NodeImport &node);
llvm::LogicalResult importOneHot(NodeImport &node);
llvm::LogicalResult importPad(NodeImport &node);
llvm::LogicalResult importRange(NodeImport &node);
llvm::LogicalResult importResize(NodeImport &node);
llvm::LogicalResult importReverseSequence(NodeImport &node);
llvm::LogicalResult importScatterElements(NodeImport &node);
llvm::LogicalResult importScatterND(NodeImport &node);
llvm::LogicalResult importShape(NodeImport &node);
llvm::LogicalResult importSize(NodeImport &node);
llvm::LogicalResult importSlice(NodeImport &node);
llvm::LogicalResult importSpaceToDepth(NodeImport &node);
llvm::LogicalResult importSplit(NodeImport &node);
llvm::LogicalResult importTile(NodeImport &node);
llvm::LogicalResult importTopK(NodeImport &node);
llvm::LogicalResult importTrilu(NodeImport &node);

} // namespace mpc::frontend

#endif
