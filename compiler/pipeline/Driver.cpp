#include "compiler/pipeline/Driver.h"
#include "compiler/analysis/PrecisionReport.h"
#include "compiler/pipeline/Emit.h"
#include "compiler/pipeline/KernelTable.h"
#include "compiler/pipeline/Modules.h"
#include "compiler/pipeline/Phases.h"
#include "compiler/pipeline/Session.h"
#include "mlir/IR/AsmState.h"
#include "nlohmann/json.hpp"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mpc;
using nlohmann::json;

std::vector<std::string> mpc::phaseNames() {
  std::vector<std::string> names;
  for (const Phase &phase : phases())
    names.push_back(phase.name.str());
  return names;
}

std::vector<std::string> mpc::modelInputs(const std::string &path) {
  frontend::Problems problems;
  std::vector<std::string> names;
  if (auto graph = frontend::readModel(path, problems))
    for (const frontend::ValueInfo &input : graph->inputs)
      names.push_back(input.name);
  return names;
}

static void printRewrites(const Session &session) {
  for (const std::string &line : session.rewrites())
    llvm::errs() << "note: " << line << "\n";
}

// 0, or the exit code.
static int readTiles(CompileOptions &options) {
  if (options.kernels.empty())
    return 0;
  mpcrt::Result<KernelTable> table = readKernelTable(options.kernels);
  if (!table.ok()) {
    llvm::errs() << "error: " << table.status().message() << "\n";
    return static_cast<int>(table.status().code());
  }
  for (const KernelTableEntry &entry : table->entries)
    options.tiles.push_back(entry.product + "=" + entry.tile);
  return 0;
}

int mpc::runCompile(const CompileOptions &given) {
  CompileOptions options = given;
  if (int code = readTiles(options))
    return code;
  if (options.output == options.model) {
    llvm::errs() << "error: '" << options.output
                 << "' is both the model and the output; choose another -o\n";
    return 2;
  }
  bool asModules = options.emitsModules() && options.stopAfter.empty();
  if (mpcrt::Status status =
          asModules ? checkModules(options) : mpcrt::Status();
      !status.ok()) {
    llvm::errs() << "error: " << status.message() << "\n";
    return static_cast<int>(status.code());
  }
  Session session(options);
  if (int code = session.import())
    return code;
  if (!options.stopAfter.empty()) {
    int code = session.runTo(options.stopAfter);
    printRewrites(session);
    if (code)
      return code;
    session.module().print(llvm::outs());
    llvm::outs() << "\n";
    return 0;
  }
  int code = session.runTo("cast");
  printRewrites(session);
  if (code)
    return code;
  // Types are final here; later phases only regroup the ops.
  std::string report = precisionReport(session.module()).dump();
  SmallVector<OwningOpRef<ModuleOp>> owned;
  SmallVector<ModuleOp> lowered;
  for (const std::string &target : options.targets) {
    owned.push_back(session.runFor(target, "lower", code));
    if (code)
      return code;
    lowered.push_back(*owned.back());
  }
  return emit(lowered, options, report);
}

static void printReportAs(const json &report, ReportFormat format) {
  switch (format) {
  case ReportFormat::Text:
    printReport(report, llvm::outs());
    break;
  case ReportFormat::Json:
    llvm::outs() << report.dump(2) << "\n";
    break;
  case ReportFormat::Dot:
    printDot(report, llvm::outs());
    break;
  }
}

int mpc::runExplain(const CompileOptions &options, ReportFormat format) {
  if (llvm::StringRef(options.model).ends_with(".mpx")) {
    auto manifest = readManifest(options.model);
    if (!manifest.ok()) {
      llvm::errs() << "error: " << manifest.status().message() << "\n";
      return static_cast<int>(manifest.status().code());
    }
    printReportAs(json::parse(manifest->report), format);
    return 0;
  }
  Session session(options);
  if (int code = session.import())
    return code;
  int code = session.runTo("cast");
  if (options.report)
    printRewrites(session);
  if (code)
    return code;
  printReportAs(precisionReport(session.module()), format);
  return 0;
}
