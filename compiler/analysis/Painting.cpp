#include "compiler/analysis/Painting.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLFunctionalExtras.h"

using namespace mpc;
using llvm::BitVector;

unsigned PaintGraph::addNode(PolicyClass policyClass) {
  classes.push_back(policyClass);
  successors.emplace_back();
  predecessors.emplace_back();
  return classes.size() - 1;
}

void PaintGraph::addEdge(unsigned producer, unsigned consumer) {
  successors[producer].push_back(consumer);
  predecessors[consumer].push_back(producer);
}

namespace {
class Painter {
public:
  Painter(const PaintGraph &graph)
      : graph(graph), paints(graph.classes.size()) {}

  std::vector<Paint> run(NarrowFormat format);

private:
  using Edges = std::vector<llvm::SmallVector<unsigned, 4>>;
  using Predicate = llvm::function_ref<bool(unsigned)>;

  bool is(unsigned node, PolicyClass policyClass) const {
    return graph.classes[node] == policyClass;
  }
  bool isInferOrClear(unsigned node) const {
    return is(node, PolicyClass::Infer) || is(node, PolicyClass::Clear);
  }
  // Undecided, so still to be painted.
  bool isFree(unsigned node) const {
    return paints[node].step == PaintStep::Left;
  }
  void decide(unsigned node, bool narrow, PaintStep step) {
    paints[node] = {narrow, step};
  }
  BitVector reach(Predicate from, const Edges &edges, Predicate through) const;
  void flowDeny();
  void joinBetween();
  void joinBehind();
  void spread();

  const PaintGraph &graph;
  std::vector<Paint> paints;
};
} // namespace

// The nodes for which `through` holds and that a chain of such nodes links
// along `edges` to a node for which `from` holds.
BitVector Painter::reach(Predicate from, const Edges &edges,
                         Predicate through) const {
  BitVector reached(paints.size());
  std::vector<unsigned> work;
  for (unsigned node = 0; node < paints.size(); ++node)
    if (from(node))
      work.push_back(node);
  while (!work.empty()) {
    unsigned node = work.back();
    work.pop_back();
    for (unsigned next : edges[node])
      if (!reached[next] && through(next)) {
        reached.set(next);
        work.push_back(next);
      }
  }
  return reached;
}

void Painter::flowDeny() {
  auto isDeny = [&](unsigned node) { return is(node, PolicyClass::Deny); };
  auto passes = [&](unsigned node) { return isInferOrClear(node); };
  // Infer nodes count as sinks too, and as members of the set.
  BitVector leads = reach(
      [&](unsigned node) {
        return isDeny(node) || is(node, PolicyClass::Infer);
      },
      graph.predecessors, passes);
  for (unsigned node = 0; node < paints.size(); ++node)
    if (is(node, PolicyClass::Infer))
      leads.set(node);
  BitVector behind = reach(isDeny, graph.successors,
                           [&](unsigned node) { return leads[node]; });
  for (unsigned node : behind.set_bits())
    decide(node, false, PaintStep::BehindDeny);
}

void Painter::joinBetween() {
  auto isNarrow = [&](unsigned node) { return paints[node].narrow; };
  auto passes = [&](unsigned node) {
    return isFree(node) && isInferOrClear(node);
  };
  BitVector between = reach(isNarrow, graph.successors, passes);
  between &= reach(isNarrow, graph.predecessors, passes);
  for (unsigned node : between.set_bits())
    decide(node, true, PaintStep::BetweenNarrow);
}

void Painter::joinBehind() {
  BitVector behind(paints.size());
  for (unsigned node = 0; node < paints.size(); ++node)
    if (paints[node].narrow)
      for (unsigned next : graph.successors[node])
        if (isFree(next) && is(next, PolicyClass::Infer))
          behind.set(next);
  for (unsigned node : behind.set_bits())
    decide(node, true, PaintStep::BehindNarrow);
}

void Painter::spread() {
  std::vector<unsigned> work;
  for (unsigned node = 0; node < paints.size(); ++node)
    if (paints[node].narrow)
      work.push_back(node);
  while (!work.empty()) {
    unsigned node = work.back();
    work.pop_back();
    for (const Edges *edges : {&graph.successors, &graph.predecessors})
      for (unsigned next : (*edges)[node])
        if (isFree(next) && is(next, PolicyClass::Clear)) {
          decide(next, true, PaintStep::BesideNarrow);
          work.push_back(next);
        }
  }
}

std::vector<Paint> Painter::run(NarrowFormat format) {
  for (unsigned node = 0; node < paints.size(); ++node) {
    if (is(node, PolicyClass::Allow))
      decide(node, true, PaintStep::Allow);
    if (is(node, PolicyClass::Deny))
      decide(node, false, PaintStep::Deny);
  }
  flowDeny();
  joinBetween();
  if (format == NarrowFormat::Bf16)
    joinBehind();
  spread();
  return std::move(paints);
}

std::vector<Paint> mpc::paint(const PaintGraph &graph, NarrowFormat format) {
  return Painter(graph).run(format);
}

llvm::StringRef mpc::paintReason(PaintStep step) {
  switch (step) {
  case PaintStep::Allow:
  case PaintStep::Deny:
    return "";
  case PaintStep::BehindDeny:
    return "behind an f32 op and leads to another op that wants f32";
  case PaintStep::BetweenNarrow:
    return "lies between narrow ops";
  case PaintStep::BehindNarrow:
    return "stands behind a narrow op";
  case PaintStep::BesideNarrow:
    return "stands beside a narrow op";
  case PaintStep::Left:
    return "no narrow op to join";
  }
  return "";
}
