#include "frontend/OpTable.h"

namespace mpc::frontend {

// Versions: github.com/onnx/onnx, docs/Operators.md, version history.
static const OpRow rows[] = {
    {"Add", {7, 13, 14}, importAdd},
    {"AveragePool", {7, 10, 11, 19}, importAveragePool},
    {"BatchNormalization", {7, 9, 14, 15}, importBatchNormalization},
    {"Cast", {6, 9, 13, 19, 21}, importCast},
    {"Constant", {1, 9, 11, 12, 13, 19, 21}, importConstant},
    {"Conv", {1, 11}, importConv},
    {"ConvTranspose", {1, 11}, importConvTranspose},
    {"Div", {7, 13, 14}, importDiv},
    {"Dropout", {7, 10, 12, 13}, importDropout},
    {"Einsum", {12}, importEinsum},
    {"Flatten", {1, 9, 11, 13, 21}, importFlatten},
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
    {"Relu", {6, 13, 14}, importRelu},
    {"Reshape", {5, 13, 14, 19, 21}, importReshape},
    {"Sqrt", {6, 13}, importSqrt},
    {"Squeeze", {1, 11, 13, 21}, importSqueeze},
    {"Sub", {7, 13, 14}, importSub},
    {"Transpose", {1, 13, 21}, importTranspose},
    {"Unsqueeze", {1, 11, 13, 21}, importUnsqueeze},
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
