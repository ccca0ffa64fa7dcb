// The values and state of a model while its IR is being built. Rules see it
// through NodeImport.
#ifndef MPC_FRONTEND_MODELIMPORT_H
#define MPC_FRONTEND_MODELIMPORT_H

#include "compiler/dialect/Dialect.h"
#include "frontend/Import.h"
#include "frontend/ShapeBinding.h"
#include "frontend/model/IntTensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <deque>

namespace mpc::frontend {

class NodeImport;

/// What an operand slot is for; decides how a weight without bytes starts.
struct SlotUse {
  enum class Kind {
    Unknown,   ///< by rank: like Weight from rank 2 on, else like Bias
    Weight,    ///< U(-b, b), b = sqrt(6 / fanIn) (He et al. 2015)
    Bias,      ///< 0
    Embedding, ///< N(0, 0.02^2)
    Scale,     ///< 1
    Mean,      ///< 0, a running statistic
    Variance   ///< 1, a running statistic
  };
  Kind kind = Kind::Unknown;
  int64_t fanIn = 0; ///< of a Weight; 0: product of all extents but the first
  bool isFrozen = false; ///< a statistic that no step updates

  bool isStatistic() const {
    return kind == Kind::Mean || kind == Kind::Variance;
  }
};

class ModelImport {
public:
  ModelImport(mlir::MLIRContext &context, Graph graph,
              const ImportOptions &options, ImportResult &result);

  /// Builds the whole module into the result.
  void run();

  const Graph &getGraph() const { return graph; }
  /// The value, or null if it was not imported. A weight becomes state of type
  /// `use` at its first use; extents the model leaves open are taken from
  /// `shape` (empty: none). Problems are reported on `node`.
  mlir::Value value(NodeImport &node, llvm::StringRef name, SlotUse use,
                    llvm::ArrayRef<int64_t> shape);
  /// A new state that counts applied steps of `node`, as it is read.
  mlir::Value counter(NodeImport &node);
  void setValue(llvm::StringRef name, mlir::Value value);
  /// Makes `name` another name of `original`.
  void setAlias(llvm::StringRef name, llvm::StringRef original);
  const IntTensor *ints(llvm::StringRef name);
  void setInts(llvm::StringRef name, IntTensor value);
  /// Lets `name` be a small constant.
  void setTensor(llvm::StringRef name, Tensor tensor);
  /// The initialiser, if the value is one.
  const Tensor *tensor(llvm::StringRef name);
  /// Whether an output of the model depends on the value.
  bool isLive(llvm::StringRef name) const { return live.contains(name); }
  /// Adds a line to the result's reports.
  void report(std::string line) { result.reports.push_back(std::move(line)); }
  /// Adds a line to the result's warnings, unless it is there.
  void warnOnce(std::string line);
  const ImportOptions &getOptions() const { return options; }

private:
  void warnAboutFiles();
  void indexTensors();
  void markLive();
  void markGradientPath();
  void createFunction();
  void importNode(const Node &node);
  void importOldBroadcast(const Node &node);
  bool foldNode(const Node &node);
  bool foldDoubles(const Node &node);
  void addPlaceholders(const Node &node);
  void finish();
  void compareStatedShapes();
  void checkGlobs();

  bool isTrainable(const Tensor &tensor);
  llvm::StringRef resolve(llvm::StringRef name) const;
  mlir::Value readTensor(NodeImport &node, const Tensor &tensor, SlotUse use,
                         llvm::ArrayRef<int64_t> shape);
  mlir::Value constant(NodeImport &node, const Tensor &tensor);
  mlir::Value constant(NodeImport &node, const IntTensor &tensor);
  StateOp createState(NodeImport &node, const Tensor &tensor, SlotUse use,
                      mlir::RankedTensorType type);
  mlir::Attribute initializer(const Tensor &tensor, SlotUse use,
                              llvm::ArrayRef<int64_t> shape);

  mlir::MLIRContext &context;
  Graph graph;
  const ImportOptions &options;
  ImportResult &result;
  ShapeBinding binding;
  mlir::OpBuilder builder;
  mlir::func::FuncOp function;
  llvm::StringMap<mlir::Value> values;
  llvm::StringMap<IntTensor> integers;
  llvm::StringMap<std::string> aliases;
  llvm::StringMap<const Tensor *> tensors;
  std::deque<Tensor> ownTensors; ///< those of `tensors` that no file has
  llvm::StringMap<StateOp> states;
  llvm::StringMap<const ValueInfo *> infos;
  llvm::StringSet<> live;
  llvm::StringSet<> trained;
  std::vector<bool> globUsed;
};

/// The MLIR type of elements, or null for those no program holds.
mlir::Type elementType(mlir::MLIRContext &context, mpcrt::DType dtype);

} // namespace mpc::frontend

#endif
