// The manifests of artifacts and checkpoints as plain structs; docs/artifact.md
// says what each field means. The compiler fills them, the runtime reads them.
#ifndef MPC_RUNTIME_ARTIFACT_MANIFEST_H
#define MPC_RUNTIME_ARTIFACT_MANIFEST_H

#include "runtime/artifact/Container.h"
#include "runtime/artifact/DType.h"
#include "runtime/artifact/LibraryCall.h"
#include "runtime/artifact/Status.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mpcrt {

inline constexpr int64_t artifactFormat = 3;
inline constexpr int64_t checkpointFormat = 1;
inline constexpr size_t maxRank = 8;
/// State buffers, the arena and the offsets in it are multiples of this.
inline constexpr int64_t bufferAlignment = 64;
inline constexpr int64_t statusBytes = 256;
/// How many steps may be under way: each has its own place for a batch and for
/// a status block.
inline constexpr size_t stepSlots = 2;

/// Values of `mpc.kind`.
inline constexpr std::string_view artifactKind = "artifact";
inline constexpr std::string_view checkpointKind = "checkpoint";
inline constexpr std::string_view weightsKind = "weights";

struct TensorSpec {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;

  /// For a spec that validate() accepted.
  int64_t elements() const { return *elementCount(shape); }
  size_t bytes() const { return size_t(*tensorBytes(dtype, shape)); }
};

/// In the order of `mpcrt_role`.
enum class Role {
  Parameter,
  Constant,
  Statistic,
  Moment,
  Step,
  Hyper,
  Loop,
  Derived,
};
std::string_view roleName(Role role);
std::optional<Role> roleFromName(std::string_view name);
/// What a checkpoint holds.
bool isSaved(Role role);
/// What the state digest covers.
bool isDigested(Role role);
/// What a weights file holds.
bool isWeight(Role role);

/// How a state gets its first value.
struct Init {
  enum class Kind { Fill, Uniform, Normal, Data, Derive };

  Kind kind = Kind::Fill;
  double value = 0;   ///< the fill, the bound or the standard deviation
  std::string tensor; ///< for Data: the tensor in the artifact

  static Init fill(double value) { return {Kind::Fill, value, ""}; }
  /// U(-bound, bound)
  static Init uniform(double bound) { return {Kind::Uniform, bound, ""}; }
  /// N(0, std)
  static Init normal(double std) { return {Kind::Normal, std, ""}; }
  static Init data(std::string tensor) {
    return {Kind::Data, 0, std::move(tensor)};
  }
  static Init derive() { return {Kind::Derive, 0, ""}; }
};

struct StateSpec : TensorSpec {
  Role role = Role::Parameter;
  Init init;
  std::string derivedFrom; ///< of derived states: the name of the source
  std::string parameter;   ///< of moments: whose
  std::string node;        ///< the model's node that reads it, if known
};

struct LabelSpec : TensorSpec {
  bool isClass = true;
  // Of class labels only:
  int64_t classes = 0;
  int64_t classAxis = 0;
  int64_t ignoreIndex = -100;
};

struct ModelInfo {
  std::string name;   ///< file stem
  std::string digest; ///< XXH3-128 of the file, 32 hex digits
};

struct TrainingInfo {
  std::string precision; ///< "fp16", "bf16" or "fp32"
  std::string optimizer;
  std::string loss;
  bool scaled = false; ///< has a dynamic loss scale
  int64_t batch = 1;
  uint64_t seed = 0;
  double labelSmoothing = 0; ///< of cross-entropy, less than 1
};

/// Where an argument of a launch points.
struct Buffer {
  enum class Kind { State, Input, Label, Output, Arena, Status, Constant };

  Kind kind = Kind::Arena;
  int64_t index = 0;  ///< of State, Input and Output
  int64_t offset = 0; ///< of Arena and Status
  int64_t bytes = 0;  ///< of Arena and Status
  std::string tensor; ///< of Constant

  static Buffer state(int64_t index) { return {Kind::State, index, 0, 0, ""}; }
  static Buffer input(int64_t index) { return {Kind::Input, index, 0, 0, ""}; }
  static Buffer label() { return {Kind::Label, 0, 0, 0, ""}; }
  static Buffer output(int64_t index) {
    return {Kind::Output, index, 0, 0, ""};
  }
  static Buffer arena(int64_t offset, int64_t bytes) {
    return {Kind::Arena, 0, offset, bytes, ""};
  }
  static Buffer status(int64_t offset, int64_t bytes) {
    return {Kind::Status, 0, offset, bytes, ""};
  }
  static Buffer constant(std::string tensor) {
    return {Kind::Constant, 0, 0, 0, std::move(tensor)};
  }
};

/// A view of a buffer for the tensor memory access units of a GPU, encoded when
/// the program is opened (CUDA driver API, cuTensorMapEncodeTiled). Outside the
/// extents reads give zeros and writes do nothing.
struct TensorMap {
  int64_t arg = 0; ///< which of the launch's arguments it shows
  DType dtype = DType::F16;
  std::vector<int64_t> extents; ///< elements, the innermost dimension first
  std::vector<int64_t> pitches; ///< bytes, of all dimensions but the innermost
  std::vector<int64_t> box;     ///< elements that one access moves
  int64_t swizzle = 128;        ///< bytes: 0, 32, 64 or 128
};

/// What launches name. A CPU kernel is void(void *const *buffers, int64_t
/// firstTile, int64_t endTile). The parameters of a GPU kernel are its tensor
/// maps by value, then one pointer per argument of the launch.
struct Kernel {
  std::string name;
  int64_t offset = 0; ///< CPU: of the entry point in the image, in bytes
  // GPU:
  std::array<int64_t, 3> grid = {1, 1, 1};  ///< blocks
  std::array<int64_t, 3> block = {1, 1, 1}; ///< threads
  int64_t sharedBytes = 0; ///< dynamic shared memory of a block
  std::vector<TensorMap> maps = {};
  /// What a launch does with each of its arguments: 'r' reads it, 'w' writes
  /// and may read it, '-' neither. Empty: any may be written.
  std::string access = {};
  /// Whether each of its threads waits for the launches before it
  /// (griddepcontrol.wait) before it touches their memory, so that it may be
  /// started before they have ended.
  bool waits = false;

  bool reads(size_t arg) const { return !access.empty() && access[arg] == 'r'; }
  bool writes(size_t arg) const { return access.empty() || access[arg] == 'w'; }
};

struct Launch {
  int64_t kernel = 0;        ///< index into Target::kernels
  int64_t tiles = 1;         ///< CPU: independent parts of the work
  std::vector<int64_t> args; ///< indices into Target::buffers
  std::vector<std::string> nodes;
  std::string op;
  std::string direction;
  /// What it does at least: bytes of arguments, operations, and the format of
  /// what it multiplies, "f16", "bf16" or "f32". For measurements alone.
  int64_t bytesRead = 0, bytesWritten = 0, operations = 0;
  std::string type = "f32";
  /// GPU: a library that computes it, where it is found; the kernel is what
  /// runs elsewhere.
  std::optional<LibraryCall> library = std::nullopt;
};

struct Target {
  std::string target;                ///< "cpu", "sm_90a", "sm_80" or "ptx"
  std::string isa;                   ///< "x86-64-v3", "sm_90a", "compute_80"
  std::vector<std::string> features; ///< CPU: as in /proc/cpuinfo or LLVM
  /// Name of a U8 tensor: position-independent code for the CPU, a cubin for
  /// "sm_*", PTX text that ends in a zero for "ptx".
  std::string image;
  int64_t codeBytes = 0; ///< CPU: how much of the image is code
  int64_t arenaBytes = 0;
  std::vector<Buffer> buffers;
  std::vector<Kernel> kernels;
  std::vector<Launch> trainStep, forward, derive;

  bool isCpu() const { return target == "cpu"; }
};

/// The manifest of an artifact.
struct Manifest {
  std::string producer;
  ModelInfo model;
  TrainingInfo training;
  std::vector<TensorSpec> inputs;
  LabelSpec label;
  std::vector<TensorSpec> outputs;
  std::vector<StateSpec> states;
  std::vector<Target> targets;
  std::string report = "null"; ///< JSON text

  /// Checks everything that the manifest says about itself: dtypes, shapes,
  /// names, and that all indices, offsets and sizes are in range.
  Status validate() const;
  /// Checks that the tensors it names are in `container` with the right sizes
  /// and that kernels lie inside the code.
  Status validateAgainst(const Container &container) const;

  /// JSON text; bytes in node names that are not UTF-8 are replaced.
  std::string toJson() const;
  /// Parses and validates. Code::Damaged if the text is not a manifest that
  /// this version reads.
  static Result<Manifest> fromJson(std::string_view text);
};

/// Reads the manifest of an opened artifact and checks it against the file.
/// Code::Damaged if the container is something else.
Result<Manifest> readArtifact(const Container &container);

/// A trainer's place in its data, kept in checkpoints.
struct LoopState {
  int64_t epoch = 0, position = 0, attemptedSteps = 0, consecutiveSkips = 0;
  uint64_t shuffleSeed = 0;
};

/// The manifest of a checkpoint.
struct CheckpointManifest {
  ModelInfo model;
  TrainingInfo training;
  LoopState loop;
  std::string digest;

  std::string toJson() const;
  static Result<CheckpointManifest> fromJson(std::string_view text);
};

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_MANIFEST_H
