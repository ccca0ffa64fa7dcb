// Greedy painting of a graph of ops in two colours, f32 and one narrow format.
//
// Classes say what an op may be; painting decides the ops between. It follows
// the five steps of TensorFlow's mixed-precision rewrite, on a graph that holds
// forward and backward ops alike:
//
//   1. Every allow op becomes narrow.
//   2. f32 flows forward from deny ops, through infer and clear ops, as far as
//      these lead to another deny or an infer op. So a clear op behind a deny
//      op that leads to nothing of the kind stays free.
//   3. Infer and clear ops that lie on a way from one narrow op to another
//      become narrow.
//   4. For bf16, infer ops directly behind a narrow op become narrow.
//   5. Narrow spreads through clear ops, in both directions.
//
// What is left is f32. Example: Gemm (allow) -> Add (infer) -> Relu (clear) ->
// Gemm (allow) is narrow throughout by step 3; in Gemm -> Add -> Softmax (deny)
// the Add stays f32, as nothing narrow follows; in Gemm -> Relu -> Softmax the
// Relu becomes narrow by step 5, which stores half the bytes and rounds nothing
// that was not rounded already.
#ifndef MPC_COMPILER_ANALYSIS_PAINTING_H
#define MPC_COMPILER_ANALYSIS_PAINTING_H

#include "compiler/analysis/PolicyLists.h"
#include "llvm/ADT/SmallVector.h"
#include <vector>

namespace mpc {

/// The ops of a step: node i has a class and the numbers of the nodes that
/// read its results.
struct PaintGraph {
  unsigned addNode(PolicyClass policyClass);
  void addEdge(unsigned producer, unsigned consumer);

  std::vector<PolicyClass> classes;
  std::vector<llvm::SmallVector<unsigned, 4>> successors, predecessors;
};

/// The step of the painting that decided a node.
enum class PaintStep {
  Allow,
  Deny,
  BehindDeny,
  BetweenNarrow,
  BehindNarrow,
  BesideNarrow,
  Left
};

struct Paint {
  bool narrow = false;
  PaintStep step = PaintStep::Left;
};

/// One colour per node.
std::vector<Paint> paint(const PaintGraph &graph, NarrowFormat format);

/// Why a step decides as it does, or empty where the class itself is the
/// reason.
llvm::StringRef paintReason(PaintStep step);

} // namespace mpc

#endif
