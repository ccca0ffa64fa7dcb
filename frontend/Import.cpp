#include "frontend/Import.h"
#include "frontend/KnownInputs.h"
#include "frontend/ModelImport.h"
#include "frontend/OldForms.h"

using namespace mlir;

namespace mpc::frontend {

mpcrt::Code ImportResult::code() const {
  mpcrt::Code worst = mpcrt::Code::Ok;
  for (const Problem &problem : problems)
    if (worst == mpcrt::Code::Ok || worst == mpcrt::Code::Unsupported)
      worst = problem.code;
  return worst;
}

ImportResult importModel(MLIRContext &context, const ImportOptions &options) {
  Problems problems;
  std::optional<Graph> graph = readModel(options.path, problems);
  if (graph)
    return importGraph(context, std::move(*graph), options,
                       std::move(problems));
  ImportResult result;
  result.problems = std::move(problems);
  return result;
}

ImportResult importGraph(MLIRContext &context, Graph graph,
                         const ImportOptions &options, Problems problems) {
  context.loadDialect<MpcDialect, func::FuncDialect>();
  ImportResult result;
  result.problems = std::move(problems);
  upgradeOldForms(graph, result.problems);
  bindKnownInputs(graph, options.known, result.problems);
  ModelImport(context, std::move(graph), options, result).run();
  return result;
}

} // namespace mpc::frontend
