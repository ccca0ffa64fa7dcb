#include "compiler/pipeline/Diagnostics.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

// The first node name in a location, or "".
static StringRef nodeOf(Location location) {
  StringRef name;
  location->walk([&](Location inner) {
    if (auto named = dyn_cast<NameLoc>(inner)) {
      name = named.getName();
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return name;
}

static StringRef severityOf(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error: ";
  case DiagnosticSeverity::Warning:
    return "warning: ";
  case DiagnosticSeverity::Note:
    return "  note: ";
  case DiagnosticSeverity::Remark:
    return "remark: ";
  }
  return "";
}

static std::string textOf(Diagnostic &diagnostic) {
  StringRef node = nodeOf(diagnostic.getLocation());
  return (node.empty() ? "" : "node '" + node.str() + "': ") + diagnostic.str();
}

static void print(Diagnostic &diagnostic) {
  llvm::errs() << severityOf(diagnostic.getSeverity()) << textOf(diagnostic)
               << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    print(note);
}

mpc::DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Remark)
          noted.push_back(textOf(diagnostic));
        else
          print(diagnostic);
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          found.push_back(
              {nodeOf(diagnostic.getLocation()).str(), diagnostic.str()});
        return success();
      }) {}
