// Writes when kernels and copies of a process ran on the GPU. The driver loads
// this library if CUDA_INJECTION64_PATH names it. MPC_TIMELINE names the file;
// a line of it is: start and end in ns, the number of the call that launched
// it (all of a graph's have the same one), the stream, and a name.
#include <cupti.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <initializer_list>
#include <type_traits>

namespace {
FILE *timeline = nullptr;

// Those of the CUPTI that the process finds: 12 or later.
struct Cupti {
  decltype(&cuptiActivityRegisterCallbacks) registerCallbacks = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityGetNextRecord) getNextRecord = nullptr;
  decltype(&cuptiActivityFlushAll) flushAll = nullptr;

  bool load() {
    void *library = nullptr;
    for (const char *name : {"libcupti.so.13", "libcupti.so.12", "libcupti.so"})
      if (!library)
        library = dlopen(name, RTLD_NOW | RTLD_GLOBAL);
    if (!library)
      return false;
    auto find = [&](auto &function, const char *name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
          dlsym(library, name));
      return function != nullptr;
    };
    return find(registerCallbacks, "cuptiActivityRegisterCallbacks") &&
           find(enable, "cuptiActivityEnable") &&
           find(getNextRecord, "cuptiActivityGetNextRecord") &&
           find(flushAll, "cuptiActivityFlushAll");
  }
} cupti;

void giveBuffer(uint8_t **buffer, size_t *bytes, size_t *records) {
  *bytes = size_t(8) << 20;
  *buffer = static_cast<uint8_t *>(std::aligned_alloc(8, *bytes));
  *records = 0; // as many as fit
}

// The fields have their places since CUPTI 12; later versions append more.
void print(const CUpti_Activity *record) {
  if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
    auto *kernel = reinterpret_cast<const CUpti_ActivityKernel9 *>(record);
    std::fprintf(timeline, "%llu %llu %u %u %s\n",
                 static_cast<unsigned long long>(kernel->start),
                 static_cast<unsigned long long>(kernel->end),
                 kernel->correlationId, kernel->streamId, kernel->name);
  } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
    auto *copy = reinterpret_cast<const CUpti_ActivityMemcpy6 *>(record);
    std::fprintf(timeline, "%llu %llu %u %u copy\n",
                 static_cast<unsigned long long>(copy->start),
                 static_cast<unsigned long long>(copy->end),
                 copy->correlationId, copy->streamId);
  }
}

void takeBuffer(CUcontext, uint32_t, uint8_t *buffer, size_t, size_t valid) {
  CUpti_Activity *record = nullptr;
  while (cupti.getNextRecord(buffer, valid, &record) == CUPTI_SUCCESS)
    print(record);
  std::free(buffer);
}

void finish() {
  (void)cupti.flushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  std::fclose(timeline);
}
} // namespace

extern "C" int InitializeInjection() {
  const char *path = std::getenv("MPC_TIMELINE");
  timeline = path ? std::fopen(path, "w") : nullptr;
  const bool started =
      timeline && cupti.load() &&
      cupti.registerCallbacks(giveBuffer, takeBuffer) == CUPTI_SUCCESS &&
      cupti.enable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) == CUPTI_SUCCESS &&
      cupti.enable(CUPTI_ACTIVITY_KIND_MEMCPY) == CUPTI_SUCCESS;
  if (started)
    std::atexit(finish);
  else
    std::fprintf(stderr, "timeline: cannot start CUPTI\n");
  return started;
}
