#include "compiler/pipeline/GradientPath.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/pipeline/Registration.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace mpc;

namespace {

// Two outputs of one parameter: `loss` through an op without a derivative if
// `gradedLoss`, `other` through such an op in any case.
struct Model {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;

  explicit Model(bool gradedLoss) : context(registry()) {
    std::string relu = "mpc.relu %p {node = [\"act\"], op_type = \"Relu\"} : "
                       "(tensor<3xf32>) -> tensor<3xf32>";
    std::string grad = "mpc.relu_grad %p, %p {node = [\"act\"], op_type = "
                       "\"Relu\"} : (tensor<3xf32>, tensor<3xf32>) -> "
                       "tensor<3xf32>";
    module = parseSourceString<ModuleOp>(
        R"(mpc.state @p : tensor<3xf32> {role = #mpc.role<parameter>,
             initializer = #mpc.fill<1.0>}
        func.func @forward(%x: tensor<3xf32>)
            -> (tensor<3xf32> {mpc.name = "loss"},
                tensor<3xf32> {mpc.name = "other"}) {
          %p = mpc.read @p : tensor<3xf32>
          %free = mpc.relu_grad %x, %x {node = ["free"], op_type = "Relu"}
            : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
          %a = )" +
            (gradedLoss ? grad : relu) +
            R"(
          %b = mpc.relu_grad %p, %free {node = ["b"], op_type = "Relu"}
            : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
          return %a, %b : tensor<3xf32>, tensor<3xf32>
        })",
        &context);
  }
  std::vector<std::string> missing(StringRef output) {
    std::vector<std::string> nodes;
    for (const frontend::Problem &problem :
         findMissingDerivatives(*module, output))
      nodes.push_back(problem.node);
    return nodes;
  }

private:
  static DialectRegistry registry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }
};

using Nodes = std::vector<std::string>;

} // namespace

TEST(GradientPath, OpsThatNoParameterReachesNeedNoDerivative) {
  EXPECT_EQ(Model(true).missing(""), (Nodes{"act", "b"}));
}

TEST(GradientPath, OnlyTheLossOutputNeedsDerivatives) {
  EXPECT_EQ(Model(true).missing("loss"), Nodes{"act"});
  EXPECT_EQ(Model(false).missing("loss"), Nodes{});
  EXPECT_EQ(Model(false).missing("other"), Nodes{"b"});
}

TEST(GradientPath, NodesOnItAreNamed) {
  llvm::StringSet<> nodes = nodesOnGradientPath(*Model(false).module, "loss");
  EXPECT_TRUE(nodes.contains("act"));
  EXPECT_FALSE(nodes.contains("free"));
}
