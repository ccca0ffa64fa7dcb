// Every derivative rule is compared with finite differences at three shapes at
// least, one of them with a dimension of size 1 or without dimensions: that is
// where broadcasting and strides go wrong.
#include "mlir/Parser/Parser.h"
#include "passes/autodiff/Passes.h"
#include "test/gradients/Cases.h"
#include "test/unit/reference/Program.h"

#include <set>

using namespace mlir;
using namespace mpc;
using mpc::test::Case;
using mpc::test::Program;

namespace {

struct Shapes {
  std::set<std::string> all;
  bool hasSizeOne = false;
};

// "2x3,3->2x3": the shapes of operands and results.
void add(Operation &op, Shapes &shapes) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto addTypes = [&](TypeRange types) {
    for (Type type : types) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor)
        continue;
      shapes.hasSizeOne |=
          tensor.getRank() == 0 || llvm::is_contained(tensor.getShape(), 1);
      llvm::interleave(tensor.getShape(), stream, "x");
      stream << ",";
    }
  };
  addTypes(op.getOperandTypes());
  stream << "->";
  addTypes(op.getResultTypes());
  shapes.all.insert(text);
}

std::map<std::string, Shapes> shapesOfCases(MLIRContext &context) {
  std::map<std::string, Shapes> found;
  for (const Case &c : test::allCases()) {
    auto module = parseSourceString<ModuleOp>(c.ir, &context);
    if (!module) {
      ADD_FAILURE() << c.op << " " << c.name << " does not parse";
      continue;
    }
    module->walk([&](Operation *op) {
      if (op->getName().getStringRef() == "mpc." + c.op)
        add(*op, found[c.op]);
    });
  }
  return found;
}

} // namespace

// tools/dev/checks/coverage reads the lines "derivative of".
TEST(RuleCoverage, EveryRuleHasThreeShapesAndASizeOfOne) {
  Program program("", registerDerivatives);
  program.context.getOrLoadDialect<MpcDialect>();
  std::map<std::string, Shapes> found = shapesOfCases(program.context);
  int rules = 0;
  for (RegisteredOperationName name :
       program.context.getRegisteredOperationsByDialect("mpc")) {
    if (!name.hasInterface<DifferentiableOpInterface>())
      continue;
    ++rules;
    const Shapes &shapes = found[name.stripDialect().str()];
    EXPECT_GE(shapes.all.size(), 3u)
        << "\nderivative of " << name.getStringRef().str() << ": "
        << shapes.all.size() << " of 3 shapes in test/gradients\n";
    EXPECT_TRUE(shapes.hasSizeOne)
        << "\nderivative of " << name.getStringRef().str()
        << ": no case in test/gradients has a size of 1\n";
  }
  EXPECT_GT(rules, 0);
}
