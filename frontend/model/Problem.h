// What is wrong with a model, one entry per place; `mpc check` prints them all.
#ifndef MPC_FRONTEND_MODEL_PROBLEM_H
#define MPC_FRONTEND_MODEL_PROBLEM_H

#include "runtime/artifact/Status.h"

#include <string>
#include <vector>

namespace mpc::frontend {

/// One reason why a model cannot be imported.
struct Problem {
  std::string node;       ///< node or layer name; empty for the whole model
  std::string opType;     ///< ONNX op type; empty for the whole model
  std::string message;    ///< what was found and what was expected
  std::string nextAction; ///< what the user can do about it
  mpcrt::Code code = mpcrt::Code::InvalidData; ///< the exit code it leads to
  int line = 0; ///< line in a JSON model, counted from 1; 0 if unknown
  /// Whether the node lies between a trainable parameter and an output.
  bool onGradientPath = false;
};

using Problems = std::vector<Problem>;

/// A problem of the whole model.
Problem modelProblem(mpcrt::Code code, std::string message,
                     std::string nextAction);

/// One line of text: "PATH:LINE: node 'NAME' (OP): MESSAGE; NEXT ACTION".
std::string toText(const Problem &problem, const std::string &path);

} // namespace mpc::frontend

#endif
