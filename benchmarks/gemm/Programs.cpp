// Writes a program per product of Cases.h, for gemm_compare: the compiler is
// too large to carry to where the GPU is.
#include "benchmarks/gemm/Cases.h"
#include "test/gpu/numerics/Compile.h"
#include <cstdio>
#include <filesystem>
#include <set>

using namespace mpc::bench;

static std::string tensor(std::initializer_list<int64_t> shape,
                          const std::string &format) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + format + ">";
}

// `%r = "mpc.OP"(OPERANDS) <{ATTRIBUTES}> : (TYPES) -> RESULT`
static std::string op(const std::string &result, const std::string &name,
                      const std::string &operands,
                      const std::string &attributes, const std::string &types,
                      const std::string &type) {
  return "  " + result + " = \"mpc." + name + "\"(" + operands + ") <{" +
         attributes + "}> : (" + types + ") -> " + type + "\n";
}

static std::string functionText(const GemmCase &c, const std::string &format) {
  std::string a =
      c.transA ? tensor({c.k, c.m}, format) : tensor({c.m, c.k}, format);
  std::string b =
      c.transB ? tensor({c.n, c.k}, format) : tensor({c.k, c.n}, format);
  std::string y = tensor({c.m, c.n}, format), row = tensor({c.n}, format);
  std::string transposed = std::string(c.transA ? "trans_a" : "") +
                           (c.transA && c.transB ? ", " : "") +
                           (c.transB ? "trans_b" : "");
  const std::string gelu =
      "function = #mpc<function gelu_tanh>, alpha = 0.0 : f32, beta = 0.0 : "
      "f32";
  std::string parameters = "%a: " + a + ", %b: " + b, types = a + ", " + b;
  std::string results = y, returned = "%g", body;
  switch (c.fused) {
  case Fused::Nothing:
    body = op("%g", "gemm", "%a, %b", transposed, types, y);
    break;
  case Fused::BiasGelu:
    parameters += ", %bias: " + row;
    body =
        op("%g", "gemm", "%a, %b, %bias", transposed, types + ", " + row, y) +
        op("%h", "unary", "%g", gelu, y, y);
    results = y + ", " + y;
    returned = "%g, %h";
    break;
  case Fused::GeluGradBias:
    parameters += ", %x: " + y;
    body = op("%g", "gemm", "%a, %b", transposed, types, y) +
           op("%d", "unary_grad", "%g, %x", gelu, y + ", " + y, y) +
           op("%s", "reduce_sum", "%d", "axes = array<i64: 0>", y, row);
    results = y + ", " + row;
    returned = "%d, %s";
    break;
  }
  return "func.func @forward(" + parameters + ") -> (" + results + ") {\n" +
         body + "  return " + returned + " : " + results + "\n}\n";
}

int main(int argc, char **argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: gemm_programs FOLDER fp16|bf16 [NAME...]\n"
                         "writes FOLDER/NAME.mpx for sm_90a\n");
    return 2;
  }
  const std::string folder = argv[1];
  const std::string format = std::string(argv[2]) == "bf16" ? "bf16" : "f16";
  std::set<std::string> wanted(argv + 3, argv + argc);
  std::filesystem::create_directories(folder);
  for (const GemmCase &c : gemmCases()) {
    if (!wanted.empty() && !wanted.contains(c.name))
      continue;
    if (!mpc::test::compileArtifact(functionText(c, format), c.name, "sm_90a",
                                    folder + "/" + c.name + ".mpx"))
      return 1;
  }
  return 0;
}
