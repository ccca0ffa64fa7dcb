#include "benchmarks/gemm/Cases.h"

namespace mpc::bench {

namespace {
struct Layer {
  std::string name;
  int64_t rows, inputs, outputs;
  bool outputsFirst; ///< weights are [outputs, inputs]
  bool hasInputGrad = true;
};
} // namespace

static const Layer layers[] = {
    {"gpt2 qkv", 8192, 768, 2304, false},
    {"gpt2 proj", 8192, 768, 768, false},
    {"gpt2 up", 8192, 768, 3072, false},
    {"gpt2 down", 8192, 3072, 768, false},
    {"gpt2 head", 8192, 768, 50264, true},
    {"bert proj", 8192, 768, 768, true},
    {"bert up", 8192, 768, 3072, true},
    {"bert down", 8192, 3072, 768, true},
    {"mlp 1", 512, 784, 1024, true, /*hasInputGrad=*/false},
    {"mlp 2", 512, 1024, 1024, true},
    {"mlp 3", 512, 1024, 16, true},
};

static void addLayer(std::vector<GemmCase> &cases, const Layer &l) {
  cases.push_back({l.name + " forward", l.rows, l.outputs, l.inputs, false,
                   l.outputsFirst});
  if (l.hasInputGrad)
    cases.push_back({l.name + " data", l.rows, l.inputs, l.outputs, false,
                     !l.outputsFirst});
  if (l.outputsFirst)
    cases.push_back({l.name + " weight", l.outputs, l.inputs, l.rows, true});
  else
    cases.push_back({l.name + " weight", l.inputs, l.outputs, l.rows, true});
}

std::vector<GemmCase> gemmCases() {
  std::vector<GemmCase> cases;
  for (const Layer &layer : layers)
    addLayer(cases, layer);
  for (bool outputsFirst : {false, true}) {
    std::string model = outputsFirst ? "bert" : "gpt2";
    cases.push_back({model + " bias gelu", 8192, 3072, 768, false, outputsFirst,
                     Fused::BiasGelu});
    cases.push_back({model + " gelu grad", 8192, 3072, 768, false,
                     !outputsFirst, Fused::GeluGradBias});
  }
  return cases;
}

} // namespace mpc::bench
