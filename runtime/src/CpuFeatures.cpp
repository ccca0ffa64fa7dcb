#include "runtime/src/CpuFeatures.h"

#include <string>

namespace mpcrt {

#if defined(__x86_64__)
bool cpuHas(std::string_view feature) {
  __builtin_cpu_init();
  // The builtin wants literals. It asks the CPU and the operating system.
#define MPCRT_FEATURE(name)                                                    \
  if (feature == name)                                                         \
    return __builtin_cpu_supports(name);
  MPCRT_FEATURE("sse3")
  MPCRT_FEATURE("ssse3")
  MPCRT_FEATURE("sse4.1")
  MPCRT_FEATURE("sse4.2")
  MPCRT_FEATURE("popcnt")
  MPCRT_FEATURE("avx")
  MPCRT_FEATURE("avx2")
  MPCRT_FEATURE("bmi")
  MPCRT_FEATURE("bmi2")
  MPCRT_FEATURE("fma")
  MPCRT_FEATURE("f16c")
  MPCRT_FEATURE("lzcnt")
  MPCRT_FEATURE("movbe")
  MPCRT_FEATURE("avxvnni")
  MPCRT_FEATURE("avx512f")
  MPCRT_FEATURE("avx512bw")
  MPCRT_FEATURE("avx512cd")
  MPCRT_FEATURE("avx512dq")
  MPCRT_FEATURE("avx512vl")
  MPCRT_FEATURE("avx512vnni")
  MPCRT_FEATURE("avx512bf16")
  MPCRT_FEATURE("avx512fp16")
#undef MPCRT_FEATURE
  // Part of the 64-bit base.
  return feature == "sse" || feature == "sse2" || feature == "cx8" ||
         feature == "fxsr" || feature == "mmx";
}
#else
bool cpuHas(std::string_view) { return false; }
#endif

Status checkCpu(const Target &target) {
  std::string missing;
  for (const std::string &feature : target.features)
    if (!cpuHas(feature))
      missing += (missing.empty() ? "" : ", ") + feature;
  if (missing.empty())
    return Status();
  std::string needed;
  for (const std::string &feature : target.features)
    needed += (needed.empty() ? "" : ", ") + feature;
  return Status(Code::Device, "artifact is for " + target.isa + " (" + needed +
                                  "), this CPU lacks " + missing +
                                  "; compile the model for this CPU");
}

} // namespace mpcrt
