#include "compiler/analysis/Painting.h"
#include <gtest/gtest.h>

using namespace mpc;

namespace {

// The colours of a chain of ops: n for narrow, w for wide (f32). A chain is
// written with A, I, C and D for the classes.
std::string paintChain(llvm::StringRef chain,
                       NarrowFormat format = NarrowFormat::Fp16) {
  PaintGraph graph;
  for (char letter : chain) {
    unsigned node = graph.addNode(letter == 'A'   ? PolicyClass::Allow
                                  : letter == 'I' ? PolicyClass::Infer
                                  : letter == 'C' ? PolicyClass::Clear
                                                  : PolicyClass::Deny);
    if (node)
      graph.addEdge(node - 1, node);
  }
  std::string colours;
  for (Paint paint : paint(graph, format))
    colours += paint.narrow ? 'n' : 'w';
  return colours;
}

TEST(Painting, AllowIsNarrowAndDenyIsNot) {
  EXPECT_EQ(paintChain("AD"), "nw");
  EXPECT_EQ(paintChain(""), "");
}

TEST(Painting, InferAndClearBetweenNarrowOpsAreNarrow) {
  EXPECT_EQ(paintChain("AICIA"), "nnnnn");
}

TEST(Painting, InferNeedsNarrowOpsOnBothSides) {
  EXPECT_EQ(paintChain("AI"), "nw");
  EXPECT_EQ(paintChain("IA"), "wn");
  EXPECT_EQ(paintChain("AID"), "nww");
}

TEST(Painting, InferBehindANarrowOpIsNarrowInBf16) {
  EXPECT_EQ(paintChain("AI", NarrowFormat::Bf16), "nn");
  // Directly behind only: the second has no narrow op before it yet.
  EXPECT_EQ(paintChain("AII", NarrowFormat::Bf16), "nnw");
  EXPECT_EQ(paintChain("IA", NarrowFormat::Bf16), "wn");
}

TEST(Painting, ClearJoinsANarrowOpOnEitherSide) {
  EXPECT_EQ(paintChain("CCACC"), "nnnnn");
  EXPECT_EQ(paintChain("CCC"), "www");
}

TEST(Painting, ClearAheadOfDenyStillJoins) {
  EXPECT_EQ(paintChain("ACD"), "nnw");
}

TEST(Painting, DenyFlowsThroughClearToAnotherDenyOrInfer) {
  EXPECT_EQ(paintChain("DCD"), "www");
  EXPECT_EQ(paintChain("DCI"), "www");
  // Not even a narrow op behind takes them back.
  EXPECT_EQ(paintChain("DCIA"), "wwwn");
}

TEST(Painting, ClearBehindDenyThatLeadsToNothingOfTheKindIsFree) {
  EXPECT_EQ(paintChain("DCA"), "wnn");
}

TEST(Painting, AllowStopsDeny) { EXPECT_EQ(paintChain("DACD"), "wnnw"); }

TEST(Painting, EveryStepThatIsNotTheClassHasAReason) {
  for (auto step :
       {PaintStep::BehindDeny, PaintStep::BetweenNarrow,
        PaintStep::BehindNarrow, PaintStep::BesideNarrow, PaintStep::Left})
    EXPECT_FALSE(paintReason(step).empty());
}

} // namespace
