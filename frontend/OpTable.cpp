#include "frontend/OpTable.h"

namespace mpc::frontend {

// Versions: github.com/onnx/onnx, docs/Operators.md, version history.
static const OpRow rows[] = {
    {"Add", {7, 13, 14}, importAdd},
    {"ArgMax", {1, 11, 12, 13}, importArgMax},
    {"ArgMin", {1, 11, 12, 13}, importArgMin},
    {"AveragePool", {7, 10, 11, 19}, importAveragePool},
    {"BatchNormalization", {7, 9, 14, 15}, importBatchNormalization},
    {"Cast", {6, 9, 13, 19, 21}, importCast},
    {"CenterCropPad", {18}, importCenterCropPad},
    {"Compress", {9, 11}, importCompress},
    {"Concat", {4, 11, 13}, importConcat},
    {"Constant", {1, 9, 11, 12, 13, 19, 21}, importConstant},
    {"ConstantOfShape", {9, 20, 21}, importConstantOfShape},
    {"Conv", {1, 11}, importConv},
    {"ConvTranspose", {1, 11}, importConvTranspose},
    {"CumSum", {11, 14}, importCumSum},
    {"DepthToSpace", {1, 11, 13}, importDepthToSpace},
    {"Div", {7, 13, 14}, importDiv},
    {"Dropout", {7, 10, 12, 13}, importDropout},
    {"Einsum", {12}, importEinsum},
    {"Expand", {8, 13}, importExpand},
    {"EyeLike", {9}, importEyeLike},
    {"Flatten", {1, 9, 11, 13, 21}, importFlatten},
    {"Gather", {1, 11, 13}, importGather},
    {"GatherElements", {11, 13}, importGatherElements},
    {"GatherND", {11, 12, 13}, importGatherND},
    {"Gemm", {7, 9, 11, 13}, importGemm},
    {"GlobalAveragePool", {1}, importGlobalAveragePool},
    {"GlobalLpPool", {2}, importGlobalLpPool},
    {"GlobalMaxPool", {1}, importGlobalMaxPool},
    {"Identity", {1, 13, 14, 16, 19, 21}, importIdentity},
    {"LpPool", {2, 11, 18}, importLpPool},
    {"MatMul", {1, 9, 13}, importMatMul},
    {"MaxPool", {1, 8, 10, 11, 12}, importMaxPool},
    {"Mul", {7, 13, 14}, importMul},
    {"Neg", {6, 13}, importNeg},
    {"Pad", {2, 11, 13, 18, 19, 21}, importPad},
    {"Range", {11}, importRange},
    {"Relu", {6, 13, 14}, importRelu},
    {"Reshape", {5, 13, 14, 19, 21}, importReshape},
    {"Resize", {10, 11, 13, 18, 19}, importResize},
    {"ReverseSequence", {10}, importReverseSequence},
    {"Scatter", {9}, importScatterElements},
    {"ScatterElements", {11, 13, 16, 18}, importScatterElements},
    {"ScatterND", {11, 13, 16, 18}, importScatterND},
    {"Shape", {1, 13, 15, 19, 21}, importShape},
    {"Size", {1, 13, 19, 21}, importSize},
    {"Slice", {1, 10, 11, 13}, importSlice},
    {"SpaceToDepth", {1, 13}, importSpaceToDepth},
    {"Split", {2, 11, 13, 18}, importSplit},
    {"Sqrt", {6, 13}, importSqrt},
    {"Squeeze", {1, 11, 13, 21}, importSqueeze},
    {"Sub", {7, 13, 14}, importSub},
    {"Tile", {6, 13}, importTile},
    {"Transpose", {1, 13, 21}, importTranspose},
    {"Trilu", {14}, importTrilu},
    {"Unsqueeze", {1, 11, 13, 21}, importUnsqueeze},
    {"Upsample", {7, 9}, importResize},
};

llvm::ArrayRef<OpRow> opTable() { return rows; }

const OpRow *findRow(llvm::StringRef opType) {
  for (const OpRow &row : rows)
    if (row.opType == opType)
      return &row;
  return nullptr;
}

int64_t sinceVersion(const OpRow &row, int64_t opset) {
  int64_t since = *row.versions.begin();
  for (int64_t version : row.versions)
    if (version <= opset)
      since = version;
  return since;
}

} // namespace mpc::frontend
