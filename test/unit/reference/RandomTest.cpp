#include "compiler/reference/Philox.h"
#include "test/unit/reference/Program.h"

using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;

// The known answers of Random123 (kat_vectors, philox4x32 10).
TEST(ReferencePhilox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxWords{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (PhiloxWords{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                       {0xa4093822, 0x299f31d0}),
            (PhiloxWords{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

static std::string dropoutText(const std::string &type,
                               const std::string &attributes) {
  return "func.func @f(%x: tensor<" + type + ">, %c: tensor<i64>) -> (tensor<" +
         type + ">, tensor<i64>, tensor<" + type +
         ">) {\n  %y, %n = mpc.dropout %x, %c {" + attributes + "} : (tensor<" +
         type + ">, tensor<i64>) -> (tensor<" + type +
         ">, tensor<i64>)\n  %d = mpc.dropout_grad %x, %c {" + attributes +
         "} : (tensor<" + type + ">, tensor<i64>) -> tensor<" + type +
         ">\n  return %y, %n, %d : tensor<" + type + ">, tensor<i64>, tensor<" +
         type + ">\n}";
}

// The first four words are those of the first known answer: only the first is
// below half of 2^32.
TEST(ReferenceDropout, KeepsWhereTheWordIsLargeEnough) {
  Program p(dropoutText("4xf32", "ratio = 0.5 : f32, seed = 0 : i64"));
  Outcome o = p.run({p.floats("4xf32", {1, 2, 3, 4}), p.integers("i64", {0})});
  EXPECT_EQ(o.values[0].floats, (std::vector<double>{0, 4, 6, 8}));
  EXPECT_EQ(o.values[1].integer(), 1);
  EXPECT_EQ(o.values[2].floats, o.values[0].floats);
}

TEST(ReferenceDropout, TheCounterTurnsEverythingOver) {
  Program p(dropoutText("4096xf32", "ratio = 0.25 : f32, seed = 9 : i64"));
  Tensor ones = p.floats("4096xf32", std::vector<double>(4096, 3));
  auto first = p.run({ones, p.integers("i64", {0})}).values[0].floats;
  auto second = p.run({ones, p.integers("i64", {1})}).values[0].floats;
  EXPECT_NE(first, second);
  for (const auto &values : {first, second}) {
    auto kept = llvm::count(values, 4.0);
    EXPECT_EQ(kept + llvm::count(values, 0.0), 4096);
    // Five standard deviations of a binomial are 139.
    EXPECT_NEAR(double(kept), 3072, 139);
  }
}
