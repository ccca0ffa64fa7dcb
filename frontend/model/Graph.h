// A model as its file describes it: nodes, tensors and shapes, without MLIR and
// without weight bytes. Both readers fill it; Import turns it into IR.
#ifndef MPC_FRONTEND_MODEL_GRAPH_H
#define MPC_FRONTEND_MODEL_GRAPH_H

#include "frontend/model/Problem.h"
#include "runtime/artifact/DType.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mpc::frontend {

/// An extent that the file does not state.
inline constexpr int64_t unknownSize = -1;

/// Tensors of at most this many bytes are kept in `Tensor::small`.
inline constexpr uint64_t smallTensorBytes = 4096;

struct Dimension {
  int64_t size = unknownSize;
  std::string symbol; ///< name of an unknown extent; may be empty
};

/// Name, element type (none if no program can hold it) and shape of a value.
struct ValueInfo {
  std::string name;
  std::optional<mpcrt::DType> dtype;
  std::optional<std::vector<Dimension>> shape;
  std::string typeText; ///< the type in the file's words, if it is ONNX
  int line = 0;
};

/// Where the bytes of a tensor lie. Nothing is read before they are wanted.
struct TensorBytes {
  enum class Place {
    None,     ///< there are none; the tensor is initialised by a recipe
    Raw,      ///< little-endian elements in the model file
    Typed,    ///< a TensorProto with typed fields in the model file
    External, ///< little-endian elements in another file
    Stored    ///< in Tensor::small alone
  };
  Place place = Place::None;
  std::string file; ///< External: relative to the model's folder
  uint64_t offset = 0;
  uint64_t length = 0;
};

/// How a tensor without bytes is initialised.
struct Recipe {
  enum class Kind {
    SlotDefault,    ///< the consuming operand slot decides
    KaimingUniform, ///< U(-b, b), b = sqrt(6 / fan_in)
    Uniform,        ///< U(-number, number)
    Normal,         ///< N(0, number^2)
    Fill            ///< number everywhere
  };
  Kind kind = Kind::SlotDefault;
  double number = 0;
};

/// An initialiser, or the value of a Constant node.
struct Tensor {
  std::string name;
  std::optional<mpcrt::DType> dtype;
  /// An unknown extent follows from the consuming node (JSON models only).
  std::vector<int64_t> shape;
  TensorBytes bytes;
  Recipe recipe;
  /// The elements, little-endian, if there are few.
  std::optional<std::vector<std::byte>> small;
  bool isConstantNode = false;
  int line = 0;
};

/// A node's attribute; `kind` says which member holds it.
struct Attribute {
  enum class Kind { Int, Float, String, Ints, Floats, Strings, Tensor, Other };
  Kind kind = Kind::Other;
  /// Whole numbers of a JSON model, which may be meant as floats: both members
  /// hold them.
  bool isUntyped = false;
  int64_t i = 0;
  double f = 0;
  std::string s;
  std::vector<int64_t> ints;
  std::vector<double> floats;
  std::vector<std::string> strings;
  /// Null if it could not be read, or is no `value`.
  std::shared_ptr<const mpc::frontend::Tensor> tensor;
};

struct Node {
  std::string name;
  std::string opType;
  std::string domain; ///< empty for ONNX's own
  std::map<std::string, Attribute> attributes;
  std::vector<std::string> inputs; ///< an omitted optional input is empty
  std::vector<std::string> outputs;
  int line = 0;
};

struct Graph {
  std::string path; ///< as given on the command line
  std::string name;
  int64_t opset = 0;
  std::vector<Node> nodes; ///< sorted: producers before consumers
  std::vector<Tensor> tensors;
  std::vector<ValueInfo> inputs; ///< without those that have an initialiser
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> valueInfos;
  /// "DOMAIN:NAME" of functions that the model defines itself.
  std::set<std::string> functions;
  /// Extents that symbols take unless `--shape` says otherwise.
  std::map<std::string, int64_t> symbolDefaults;
  /// External files that are absent, with the number of tensors they hold.
  std::map<std::string, int> absentFiles;
  /// What the reader changed, one line each.
  std::vector<std::string> reports;
};

/// Names unnamed nodes after their first output, makes node names unique, sorts
/// the nodes, and reports values that are defined twice or never and cycles.
void finishGraph(Graph &graph, Problems &problems);

/// Reads a model, ONNX or JSON by the file's extension (`.onnx`, `.json`) or
/// else by its first character. Nothing if the file cannot be read at all; the
/// reasons are appended to `problems`.
std::optional<Graph> readModel(const std::string &path, Problems &problems);

} // namespace mpc::frontend

#endif
