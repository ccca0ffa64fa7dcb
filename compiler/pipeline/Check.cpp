#include "compiler/pipeline/Check.h"
#include "compiler/pipeline/Driver.h"
#include "compiler/pipeline/GradientPath.h"
#include "compiler/pipeline/Session.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

using namespace mpc;
using nlohmann::json;

// What passes reported, as problems of the model. By our habit a diagnostic
// ends with "; " and what to do.
static frontend::Problem toProblem(const FoundError &error, int code,
                                   const llvm::StringSet<> &onPath) {
  size_t action = error.message.rfind("; ");
  frontend::Problem problem = frontend::modelProblem(
      static_cast<mpcrt::Code>(code), error.message.substr(0, action),
      action == std::string::npos ? "" : error.message.substr(action + 2));
  problem.node = error.node;
  problem.onGradientPath = onPath.contains(error.node);
  return problem;
}

CheckReport mpc::checkModel(const CompileOptions &options) {
  CheckReport report;
  Session session(options);
  report.code = session.import(/*tellPaths=*/true);
  report.problems = session.result().problems;
  report.warnings = session.result().warnings;
  report.notes = session.rewrites();
  if (report.code != 0)
    return report;
  llvm::StringSet<> onPath =
      nodesOnGradientPath(session.module(), lossOutputOf(options));
  report.code = session.runTo("cast");
  report.notes = session.rewrites();
  for (const FoundError &error : session.errors())
    report.problems.push_back(toProblem(error, report.code, onPath));
  return report;
}

static json problemJson(const frontend::Problem &problem) {
  json entry = {{"node", problem.node},
                {"op_type", problem.opType},
                {"message", problem.message},
                {"next_action", problem.nextAction},
                {"exit_code", static_cast<int>(problem.code)},
                {"on_gradient_path", problem.onGradientPath}};
  if (problem.line)
    entry["line"] = problem.line;
  return entry;
}

json mpc::toJson(const CheckReport &report, const std::string &model) {
  json result = {{"mpc_check", 1},
                 {"model", model},
                 {"exit_code", report.code},
                 {"problems", json::array()},
                 {"warnings", report.warnings},
                 {"notes", report.notes}};
  for (const frontend::Problem &problem : report.problems)
    result["problems"].push_back(problemJson(problem));
  return result;
}

static std::string counted(size_t count, const std::string &what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

static void printSummary(const CheckReport &report, const std::string &model) {
  llvm::outs() << model << ": ";
  if (report.code == 0) {
    llvm::outs() << "can be compiled and trained\n";
    return;
  }
  llvm::StringSet<> nodes;
  size_t onPath = 0;
  for (const frontend::Problem &problem : report.problems) {
    if (!problem.node.empty())
      nodes.insert(problem.node);
    onPath += problem.onGradientPath;
  }
  llvm::outs() << counted(report.problems.size(), "problem");
  if (!nodes.empty())
    llvm::outs() << " at " << counted(nodes.size(), "node") << ", " << onPath
                 << " of them on a gradient path";
  llvm::outs() << "\n";
}

int mpc::runCheck(const CompileOptions &options, bool asJson) {
  CompileOptions own = options;
  own.report = options.report || asJson;
  CheckReport report = checkModel(own);
  if (options.report)
    for (const std::string &note : report.notes)
      llvm::errs() << "note: " << note << "\n";
  if (asJson)
    llvm::outs() << toJson(report, options.model).dump(2) << "\n";
  else
    printSummary(report, options.model);
  return report.code;
}
