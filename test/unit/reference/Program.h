// IR text that tests run through the reference interpreter.
#ifndef MPC_TEST_UNIT_REFERENCE_PROGRAM_H
#define MPC_TEST_UNIT_REFERENCE_PROGRAM_H

#include "compiler/dialect/Dialect.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/reference/ReferenceOpInterface.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

namespace mpc::test {

/// A parsed and verified module, and the last diagnostic that anything on it
/// gave.
class Program {
public:
  /// `extend` attaches what the test needs beyond reference semantics.
  explicit Program(llvm::StringRef text,
                   void (*extend)(mlir::DialectRegistry &) = nullptr)
      : context(registry(extend)) {
    context.getDiagEngine().registerHandler(
        [this](mlir::Diagnostic &d) { message = d.str(); });
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      ADD_FAILURE() << "test program does not verify: " << message << "\n"
                    << text.str();
  }

  mlir::func::FuncOp function(llvm::StringRef name) {
    return module->lookupSymbol<mlir::func::FuncOp>(name);
  }
  /// A float tensor, e.g. floats("2x3xf32", {...}).
  reference::Tensor floats(llvm::StringRef type, std::vector<double> values) {
    return {tensorType(type), std::move(values)};
  }
  reference::Tensor integers(llvm::StringRef type,
                             std::vector<int64_t> values) {
    return {tensorType(type), std::move(values)};
  }
  mlir::RankedTensorType tensorType(llvm::StringRef type) {
    return llvm::cast<mlir::RankedTensorType>(
        mlir::parseType(("tensor<" + type + ">").str(), &context));
  }

  /// Runs function `f`; a failure is a failed test.
  reference::Outcome run(llvm::ArrayRef<reference::Tensor> arguments,
                         reference::Mode mode = reference::Mode::Rounded,
                         const reference::TensorMap &states = {}) {
    auto outcome = reference::run(function("f"), states, arguments, mode);
    if (failed(outcome)) {
      ADD_FAILURE() << message;
      return {};
    }
    return *outcome;
  }

  std::string message;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;

private:
  static mlir::DialectRegistry
  registry(void (*extend)(mlir::DialectRegistry &)) {
    mlir::DialectRegistry registry;
    registry.insert<MpcDialect, mlir::func::FuncDialect>();
    reference::registerModels(registry);
    if (extend)
      extend(registry);
    return registry;
  }
};

} // namespace mpc::test

#endif
