// What a user can ask of the compiler. No MLIR here: the command line fills it.
#ifndef MPC_COMPILER_PIPELINE_OPTIONS_H
#define MPC_COMPILER_PIPELINE_OPTIONS_H

#include "frontend/model/KnownValue.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mpc {

/// One --allow, --infer, --clear or --deny, in the order they were typed.
struct PrecisionRule {
  std::string precisionClass; ///< allow, infer, clear or deny
  std::string pattern;        ///< an ONNX op type or a glob over node names
};

struct CompileOptions {
  std::string model;        ///< path of the .onnx or .json file
  std::string output;       ///< path of the artifact, or of the folder of
                            ///< modules; empty with stopAfter
  std::string stopAfter;    ///< name of a phase; its IR is printed
  std::string emit = "mpx"; ///< or cubin or ptx
  /// Whether linked modules are written instead of an artifact.
  bool emitsModules() const { return emit != "mpx"; }
  std::vector<std::string> targets = {"cpu"};
  std::string cpu = "x86-64-v3";      ///< instruction set of the cpu target
  std::vector<std::string> providers; ///< OP|NODEGLOB=PROVIDER, in order
  std::string math = "portable";
  std::string kernels; ///< path of a table of tiles; empty: none
  /// What the table says, as `mpc-choose-tiles` takes it.
  std::vector<std::string> tiles;

  std::vector<std::string> shapes; ///< INPUT=AxBxC or SYMBOL=N
  /// Shapes of the arrays that will be given, by input.
  std::map<std::string, std::vector<int64_t>> arrayShapes;
  std::vector<std::string> trainable; ///< globs; empty: everything
  uint64_t seed = 0;
  bool trainBatchNorm = false; ///< inference forms become training forms
  bool report = false;         ///< tells every rewrite of the model

  std::string precision = "fp16"; ///< fp16, bf16 or fp32
  std::string policy = "default"; ///< preset or path of a policy file
  std::vector<PrecisionRule> rules;
  std::string assign = "paint";

  /// Evaluation alone: no loss, no derivative, no optimizer.
  bool evaluateOnly = false;
  /// Values of inputs, by name; those that only say shapes become part of the
  /// program.
  std::map<std::string, frontend::KnownValue> known;

  std::string loss = "cross-entropy"; ///< [OUT=]kind
  int64_t classAxis = -1;
  double labelSmoothing = 0; ///< of cross-entropy

  std::string optimizer = "sgd"; ///< sgd, adam or adamw
  std::optional<double> lr;      ///< the optimizer's own default if absent
  double momentum = 0;
  bool nesterov = false;
  std::optional<double> weightDecay;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  std::string lrSchedule = "constant"; ///< or step:STEPS:FACTOR
  double clipNorm = 0;                 ///< 0: no clipping
  std::string lossScale = "dynamic";   ///< or a power of two
};

} // namespace mpc

#endif
