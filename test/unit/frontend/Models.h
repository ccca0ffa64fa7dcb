// Imports models of the test inputs and prints what came out.
#ifndef MPC_TEST_UNIT_FRONTEND_MODELS_H
#define MPC_TEST_UNIT_FRONTEND_MODELS_H

#include "compiler/dialect/Dialect.h"
#include "frontend/Import.h"
#include "mlir/IR/MLIRContext.h"

#include <string>

namespace mpc::frontend::test {

/// The path of a file under test/frontend/Inputs/.
inline std::string inputPath(const std::string &file) {
  return MPC_SOURCE_DIR "/test/frontend/Inputs/" + file;
}

/// A context, the result of one import, and its module as text.
struct Imported {
  mlir::MLIRContext context;
  ImportResult result;
  std::string text;

  explicit Imported(const ImportOptions &options)
      : result(importModel(context, options)) {
    print();
  }
  explicit Imported(Graph graph, const ImportOptions &options = {}) {
    Problems problems;
    finishGraph(graph, problems);
    result =
        importGraph(context, std::move(graph), options, std::move(problems));
    print();
  }

  /// All problems as text, one per line.
  std::string problems() const {
    std::string lines;
    for (const Problem &problem : result.problems)
      lines += toText(problem, "model") + "\n";
    return lines;
  }

private:
  void print() {
    if (!result.module)
      return;
    llvm::raw_string_ostream stream(text);
    result.module->print(stream);
  }
};

} // namespace mpc::frontend::test

#endif
