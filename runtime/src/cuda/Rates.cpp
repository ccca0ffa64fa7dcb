#include "runtime/src/cuda/Rates.h"

namespace mpcrt::cuda {

namespace {
constexpr double tera = 1e12;

struct Card {
  const char *name;    ///< part of what the driver says
  double f32, tensors; ///< tensors: f16 and bf16 alike, accumulated in f32
  const char *source;
};

// The first that fits counts. Where a data sheet states sparse rates these are
// half of them.
constexpr Card cards[] = {
    {"H200 NVL", 60 * tera, 835.5 * tera,
     "NVIDIA's data sheet of H200 NVL, dense"},
    {"H200", 67 * tera, 989.5 * tera, "NVIDIA's data sheet of H200 SXM, dense"},
    {"H100 PCIe", 51 * tera, 756.5 * tera,
     "NVIDIA's data sheet of H100 PCIe, dense"},
    {"H100 NVL", 60 * tera, 835.5 * tera,
     "NVIDIA's data sheet of H100 NVL, dense"},
    {"H100", 67 * tera, 989.5 * tera, "NVIDIA's data sheet of H100 SXM, dense"},
    {"A100", 19.5 * tera, 312 * tera, "NVIDIA's data sheet of A100, dense"},
};
} // namespace

Ceilings ratesOf(const std::string &name) {
  Ceilings rates;
  for (const Card &card : cards) {
    if (name.find(card.name) == std::string::npos)
      continue;
    rates.f32 = card.f32;
    rates.f16 = rates.bf16 = card.tensors;
    rates.source = card.source;
    return rates;
  }
  return rates;
}

} // namespace mpcrt::cuda
