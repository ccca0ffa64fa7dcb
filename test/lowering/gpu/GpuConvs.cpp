#include "test/lowering/gpu/GpuConvs.h"

using namespace mpc::test;

static std::string list(const std::vector<int64_t> &values) {
  std::string text;
  for (int64_t value : values)
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "array<i64: " + text + ">";
}

static std::string shape(std::vector<int64_t> extents,
                         const std::string &type) {
  std::string text;
  for (int64_t extent : extents)
    text += std::to_string(extent) + "x";
  return text + type;
}

static int64_t outputOf(const Conv &c, size_t d, int64_t input,
                        int64_t kernel) {
  return (input + c.pads[d] + c.pads[d + 2] - (kernel - 1) * c.dilations[d] -
          1) /
             c.strides[d] +
         1;
}

std::string Conv::input() const { return shape({n, c, h, w}, type); }

std::string Conv::weight() const {
  return shape({f, c / groups, kh, kw}, type);
}

std::string Conv::output() const {
  return shape({n, f, outputOf(*this, 0, h, kh), outputOf(*this, 1, w, kw)},
               type);
}

static std::string attributes(const Conv &c) {
  return "{strides = " + list(c.strides) + ", pads = " + list(c.pads) +
         ", dilations = " + list(c.dilations) +
         ", groups = " + std::to_string(c.groups) + " : i64}";
}

static std::string tensor(const std::string &type) {
  return "tensor<" + type + ">";
}

// `result` = op of `operands`, whose types are `types`.
static std::string line(const std::string &result, const std::string &op,
                        const std::string &operands, const std::string &text,
                        const std::vector<std::string> &types,
                        const std::string &type) {
  std::string signature;
  for (const std::string &one : types)
    signature += (signature.empty() ? "" : ", ") + tensor(one);
  return result + " = " + op + " " + operands + " " + text + " : (" +
         signature + ") -> " + tensor(type) + "\n";
}

static std::string yield(const std::string &value, const std::string &type) {
  return "mpc.yield " + value + " : " + tensor(type);
}

static KernelSource plain(const std::string &op, const std::string &left,
                          const std::string &right, const Conv &c,
                          const std::string &result) {
  return {op,
          {left, right},
          line("%r", op, "%0, %1", attributes(c), {left, right}, result) +
              yield("%r", result),
          {result}};
}

KernelSource mpc::test::conv(const Conv &c) {
  return plain("mpc.conv", c.input(), c.weight(), c, c.output());
}

KernelSource mpc::test::convInputGrad(const Conv &c) {
  return plain("mpc.conv_input_grad", c.output(), c.weight(), c, c.input());
}

KernelSource mpc::test::convWeightGrad(const Conv &c) {
  return plain("mpc.conv_weight_grad", c.output(), c.input(), c, c.weight());
}

KernelSource mpc::test::fusedConv(const Conv &c) {
  std::string wide = shape({c.n, c.c, c.h, c.w}, "f32");
  std::string bias = shape({c.f}, c.type);
  return {"mpc.conv",
          {wide, c.weight(), bias},
          "%h = mpc.cast %0 : " + tensor(wide) + " to " + tensor(c.input()) +
              "\n" +
              line("%s", "mpc.conv", "%h, %1, %2", attributes(c),
                   {c.input(), c.weight(), bias}, c.output()) +
              line("%r", "mpc.relu", "%s", "", {c.output()}, c.output()) +
              yield("%r", c.output()),
          {c.output()}};
}

KernelSource mpc::test::fusedConvWeightGrad(const Conv &c) {
  Conv wide = c;
  wide.type = "f32";
  return {"mpc.conv_weight_grad",
          {c.output(), c.output(), c.input()},
          line("%g", "mpc.relu_grad", "%0, %1", "", {c.output(), c.output()},
               c.output()) +
              line("%s", "mpc.conv_weight_grad", "%g, %2", attributes(c),
                   {c.output(), c.input()}, c.weight()) +
              "%r = mpc.cast %s : " + tensor(c.weight()) + " to " +
              tensor(wide.weight()) + "\n" + yield("%r", wide.weight()),
          {wide.weight()}};
}
