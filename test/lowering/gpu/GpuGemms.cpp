#include "test/lowering/gpu/GpuGemms.h"

using namespace mpc::test;

static std::string matrix(int64_t rows, int64_t columns,
                          const std::string &element) {
  return std::to_string(rows) + "x" + std::to_string(columns) + "x" + element;
}

KernelSource mpc::test::gemm(const Gemm &g) {
  std::string result = matrix(g.m, g.n, g.result);
  KernelSource kernel{
      "mpc.gemm",
      {g.transA ? matrix(g.k, g.m, g.a) : matrix(g.m, g.k, g.a),
       g.transB ? matrix(g.n, g.k, g.b) : matrix(g.k, g.n, g.b)},
      "",
      {result},
      g.tile};
  if (!g.c.empty())
    kernel.inputs.push_back(g.c);
  std::string attributes = g.text, operands, signature;
  for (const char *flag :
       {g.transA ? "trans_a" : "", g.transB ? "trans_b" : ""})
    if (*flag)
      attributes += (attributes.empty() ? "" : ", ") + std::string(flag);
  for (size_t i = 0; i < kernel.inputs.size(); ++i) {
    operands += (i ? ", %" : "%") + std::to_string(i);
    signature += (i ? ", tensor<" : "tensor<") + kernel.inputs[i] + ">";
  }
  kernel.body = "%s = mpc.gemm " + operands + " {" + attributes + "} : (" +
                signature + ") -> tensor<" + result +
                ">\nmpc.yield %s : tensor<" + result + ">";
  return kernel;
}

KernelSource mpc::test::fusedGemm(int64_t m, int64_t n, int64_t k,
                                  const std::string &left) {
  std::string a = matrix(m, k, ""), b = matrix(k, n, ""), r = matrix(m, n, "");
  auto bias = std::to_string(n) + "x";
  return {"mpc.gemm",
          {a + left, b + "f16", bias + "f32", r + "f16"},
          (left == "f16" ? ""
                         : "%h = mpc.cast %0 : tensor<" + a + left +
                               "> to tensor<" + a + "f16>\n") +
              "%s = mpc.gemm %" + (left == "f16" ? "0" : "h") +
              ", %1 : (tensor<" + a + "f16>, tensor<" + b + "f16>) -> tensor<" +
              r + "f16>\n" + "%t = mpc.add %s, %2 : (tensor<" + r +
              "f16>, tensor<" + bias + "f32>) -> tensor<" + r + "f32>\n" +
              "%g = mpc.relu_grad %t, %3 : (tensor<" + r + "f32>, tensor<" + r +
              "f16>) -> tensor<" + r + "f32>\n" + "mpc.yield %g, %s : tensor<" +
              r + "f32>, tensor<" + r + "f16>",
          {r + "f32", r + "f16"}};
}

KernelSource mpc::test::batchMatmul(int64_t batches, int64_t m, int64_t n,
                                    int64_t k, const std::string &element,
                                    const std::string &flags) {
  std::string count = std::to_string(batches) + "x";
  bool transA = flags.find("trans_a") != std::string::npos;
  bool transB = flags.find("trans_b") != std::string::npos;
  std::string a =
      count + (transA ? matrix(k, m, element) : matrix(m, k, element));
  std::string b =
      count + (transB ? matrix(n, k, element) : matrix(k, n, element));
  std::string r = count + matrix(m, n, element);
  return {"mpc.batch_matmul",
          {a, b},
          "%s = mpc.batch_matmul %0, %1 {" + flags + "} : (tensor<" + a +
              ">, tensor<" + b + ">) -> tensor<" + r +
              ">\nmpc.yield %s : tensor<" + r + ">",
          {r}};
}
