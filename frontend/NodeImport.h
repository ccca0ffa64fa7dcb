// One node while its rule builds IR for it: operands, attributes, results and
// the two ways to refuse it.
#ifndef MPC_FRONTEND_NODEIMPORT_H
#define MPC_FRONTEND_NODEIMPORT_H

#include "frontend/ModelImport.h"

namespace mpc::frontend {

class NodeImport : public mlir::OpBuilder::Listener {
public:
  /// `since` is the version of the operator that the model's opset selects.
  NodeImport(ModelImport &model, mlir::OpBuilder &builder, const Node &node,
             int64_t since, bool onGradientPath, Problems &problems);
  ~NodeImport() override;

  mlir::OpBuilder &builder;
  const Node &node;
  const int64_t since;
  const mlir::Location loc;

  /// Whether operand `index` is given.
  bool has(unsigned index) const;
  /// Operand `index`, or null with a problem. If it is a weight, `use` says
  /// what for, and `shape` gives extents that the model leaves open.
  mlir::Value operand(unsigned index, SlotUse use = {},
                      llvm::ArrayRef<int64_t> shape = {});
  /// The shape of a weight as far as the model gives it, or of any other
  /// imported value.
  llvm::SmallVector<int64_t> operandShape(unsigned index);
  /// The integers that operand `index` is known to be, or null.
  const IntTensor *ints(unsigned index);
  /// The initialiser that operand `index` is, or null.
  const Tensor *tensor(unsigned index);

  int64_t intAttribute(llvm::StringRef name, int64_t otherwise);
  double floatAttribute(llvm::StringRef name, double otherwise);
  std::string textAttribute(llvm::StringRef name, llvm::StringRef otherwise);
  llvm::SmallVector<int64_t> intsAttribute(llvm::StringRef name,
                                           llvm::ArrayRef<int64_t> otherwise);
  /// An attribute that is a tensor, or null.
  const Tensor *tensorAttribute(llvm::StringRef name);
  llvm::SmallVector<double> floatsAttribute(llvm::StringRef name,
                                            llvm::ArrayRef<double> otherwise);
  bool hasAttribute(llvm::StringRef name) const;

  /// Whether output `index` is named, so that somebody may read it.
  bool wants(unsigned index) const;
  /// Whether another node or the model's outputs read output `index`.
  bool isRead(unsigned index) const;
  /// Declares a state of the node that counts its applied steps, and reads it.
  mlir::Value counter();
  /// What random numbers of the node depend on.
  int64_t seed();
  void setResult(unsigned index, mlir::Value value);
  /// `value` with another shape; itself if it has that already.
  mlir::Value reshaped(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  /// Lets result 0 be operand 0 itself.
  void forward();
  void setInts(unsigned index, IntTensor value);
  /// Lets result `index` be a constant that is known at compile time.
  void setTensor(unsigned index, Tensor tensor);

  /// Reports that the model is wrong (exit code 3). Always fails.
  llvm::LogicalResult
  invalid(const llvm::Twine &message,
          const llvm::Twine &nextAction = "correct the model");
  /// Reports what this compiler cannot do (exit code 4). Always fails.
  llvm::LogicalResult unsupported(const llvm::Twine &message,
                                  const llvm::Twine &nextAction);
  void report(const llvm::Twine &line);
  /// Warns of something that is not this node's alone, once.
  void warnOnce(const llvm::Twine &line) { model.warnOnce(line.str()); }
  const ImportOptions &getOptions() const { return model.getOptions(); }
  /// Whether a problem was reported.
  bool failed() const { return hasFailed; }

  void notifyOperationInserted(mlir::Operation *op,
                               mlir::OpBuilder::InsertPoint previous) override;

private:
  const Attribute *attribute(llvm::StringRef name, Attribute::Kind kind);
  llvm::LogicalResult fail(mpcrt::Code code, const llvm::Twine &message,
                           const llvm::Twine &nextAction);

  ModelImport &model;
  Problems &problems;
  mlir::OpBuilder::Listener *outer;
  bool onGradientPath;
  bool hasFailed = false;
};

/// "2x3x4".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

} // namespace mpc::frontend

#endif
