#include "frontend/model/Problem.h"

namespace mpc::frontend {

Problem modelProblem(mpcrt::Code code, std::string message,
                     std::string nextAction) {
  Problem problem;
  problem.code = code;
  problem.message = std::move(message);
  problem.nextAction = std::move(nextAction);
  return problem;
}

std::string toText(const Problem &problem, const std::string &path) {
  std::string text = path;
  if (problem.line > 0)
    text += ":" + std::to_string(problem.line);
  text += ": ";
  if (!problem.node.empty()) {
    text += (problem.line > 0 ? "layer '" : "node '") + problem.node + "'";
    if (!problem.opType.empty())
      text += " (" + problem.opType + ")";
    text += ": ";
  }
  text += problem.message;
  if (!problem.nextAction.empty())
    text += "; " + problem.nextAction;
  return text;
}

} // namespace mpc::frontend
