#include "test/unit/cuda/fake/FakeCuda.h"
#include "test/unit/cuda/fake/FakeKernels.h"
#include "test/unit/cuda/fake/FakeMachine.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fakecuda {

namespace {
constexpr CUresult notInitialized = 3, invalidContext = 201, notFound = 500;

int numberOf(const char *variable, int otherwise) {
  const char *text = std::getenv(variable);
  return text ? std::atoi(text) : otherwise;
}

void readEnvironment() {
  Machine &m = machine();
  m.version = numberOf("FAKE_CUDA_VERSION", 13000);
  m.devices = numberOf("FAKE_CUDA_DEVICES", 1);
  m.shared = numberOf("FAKE_CUDA_SHARED", 232448);
  m.free = size_t(numberOf("FAKE_CUDA_FREE", 1 << 30));
  m.major = 9;
  m.minor = 0;
  if (const char *capability = std::getenv("FAKE_CUDA_CC"))
    std::sscanf(capability, "%d.%d", &m.major, &m.minor);
  char function[100];
  int code = 0;
  if (const char *failing = std::getenv("FAKE_CUDA_FAIL"))
    if (std::sscanf(failing, "%99[^=]=%d", function, &code) == 2)
      m.failures[function] = code;
}
} // namespace

Machine &machine() {
  static Machine instance;
  return instance;
}

CUresult called(const char *function, bool needsContext) {
  Machine &m = machine();
  ++m.calls[function];
  if (auto failure = m.failures.find(function); failure != m.failures.end())
    return failure->second;
  if (needsContext && !m.started)
    return notInitialized;
  return needsContext && m.current.empty() ? invalidContext : SUCCESS;
}

bool contains(const std::map<uintptr_t, size_t> &memory, uintptr_t address) {
  auto next = memory.upper_bound(address);
  return next != memory.begin() &&
         address < std::prev(next)->first + std::prev(next)->second;
}

Work copyWork(void *to, const void *from, size_t bytes) {
  if (contains(machine().pinnedMemory, reinterpret_cast<uintptr_t>(from)) ||
      contains(machine().deviceMemory, reinterpret_cast<uintptr_t>(from)))
    return [=] { std::memcpy(to, from, bytes); };
  std::string kept(static_cast<const char *>(from), bytes);
  return [=] { std::memcpy(to, kept.data(), bytes); };
}

std::map<std::string, int> &calls() { return machine().calls; }
int64_t alive() {
  const Machine &m = machine();
  return int64_t(m.objects.size() + m.deviceMemory.size() +
                 m.pinnedMemory.size()) +
         m.contexts;
}
uint64_t allocatedBytes() { return machine().allocated; }
void reset() {
  machine().calls.clear();
  machine().allocated = 0;
}
void fail(const std::string &function, int code) {
  machine().failures.erase(function);
  if (code)
    machine().failures[function] = code;
}

void enter(int device) {
  machine().current.push_back(
      reinterpret_cast<CUcontext>(uintptr_t(40 + device)));
}
void leave() { machine().current.pop_back(); }

} // namespace fakecuda

using namespace fakecuda;

extern "C" {

CUresult cuInit(unsigned) {
  CALLED(false);
  readEnvironment();
  machine().started = machine().devices > 0;
  return machine().started ? SUCCESS : ERROR_NO_DEVICE;
}

CUresult cuDriverGetVersion(int *version) {
  CALLED(false);
  *version = numberOf("FAKE_CUDA_VERSION", 13000);
  return SUCCESS;
}

CUresult cuGetErrorName(CUresult code, const char **name) {
  static const std::map<CUresult, const char *> names = {
      {2, "CUDA_ERROR_OUT_OF_MEMORY"},
      {100, "CUDA_ERROR_NO_DEVICE"},
      {201, "CUDA_ERROR_INVALID_CONTEXT"},
      {209, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
      {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"},
      {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}};
  auto found = names.find(code);
  *name = found == names.end() ? nullptr : found->second;
  return found == names.end() ? ERROR_INVALID_VALUE : SUCCESS;
}

CUresult cuGetErrorString(CUresult code, const char **text) {
  *text = code == ERROR_NO_DEVICE ? "no CUDA-capable device is detected"
                                  : "a text of the driver";
  return SUCCESS;
}

CUresult cuDeviceGetCount(int *count) {
  CALLED(false);
  *count = machine().devices;
  return SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  CALLED(false);
  *device = 40 + ordinal;
  return ordinal < machine().devices ? SUCCESS : ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
  CALLED(false);
  std::snprintf(name, size_t(length), "Fake %d", device - 40);
  return SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice) {
  CALLED(false);
  *value = attribute == DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
               ? machine().major
           : attribute == DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
               ? machine().minor
               : machine().shared;
  return SUCCESS;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice) {
  CALLED(false);
  *bytes = machine().free + 1000;
  return SUCCESS;
}

// A context is the number of its device.
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  CALLED(false);
  ++machine().contexts;
  *context = reinterpret_cast<CUcontext>(uintptr_t(device));
  return SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  CALLED(false);
  --machine().contexts;
  return SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *context) {
  CALLED(false);
  *context = machine().current.empty() ? nullptr : machine().current.back();
  return SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice *device) {
  CALLED();
  *device = CUdevice(reinterpret_cast<uintptr_t>(machine().current.back()));
  return SUCCESS;
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
  CALLED(false);
  machine().current.push_back(context);
  return SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext *context) {
  CALLED();
  *context = machine().current.back();
  machine().current.pop_back();
  return SUCCESS;
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *, unsigned count,
                            int *options, void **values) {
  CUresult result = called(__func__);
  for (unsigned i = 0; i < count && result; ++i)
    if (options[i] == JIT_ERROR_LOG_BUFFER)
      std::strcpy(static_cast<char *>(values[i]), "a line of its log");
  return result ? result : made(new int, module);
}

CUresult cuModuleUnload(CUmodule module) {
  CALLED();
  return destroyed<int>(module);
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule, const char *name) {
  CALLED();
  if (std::strcmp(name, "absent") == 0)
    return notFound;
  *function = reinterpret_cast<CUfunction>(
      const_cast<fakecuda::Kernel *>(&kernelNamed(name)));
  return SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction, int, int) {
  CALLED();
  return SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
  CALLED();
  size_t used = 0;
  for (const auto &[address, bytes] : machine().deviceMemory)
    used += bytes;
  *free = machine().free - used;
  *total = machine().free + 1000;
  return SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
  CALLED();
  void *memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  std::memset(memory, 0x5a, bytes);
  *address = reinterpret_cast<CUdeviceptr>(memory);
  machine().deviceMemory[*address] = bytes;
  machine().allocated += bytes;
  return SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  CALLED();
  std::free(hostOf(address));
  return machine().deviceMemory.erase(address) ? SUCCESS : ERROR_INVALID_VALUE;
}

CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned) {
  CALLED();
  *address = std::malloc(bytes);
  machine().pinnedMemory[reinterpret_cast<uintptr_t>(*address)] = bytes;
  return SUCCESS;
}

CUresult cuMemFreeHost(void *address) {
  CALLED();
  if (!machine().pinnedMemory.erase(reinterpret_cast<uintptr_t>(address)))
    return ERROR_INVALID_VALUE;
  std::free(address);
  return SUCCESS;
}

CUresult cuMemsetD8Async(CUdeviceptr address, unsigned char value, size_t bytes,
                         CUstream stream) {
  CALLED();
  streamOf(stream)->add([=] { std::memset(hostOf(address), value, bytes); });
  return SUCCESS;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes,
                              CUstream stream) {
  CALLED();
  streamOf(stream)->add(copyWork(hostOf(to), from, bytes));
  return SUCCESS;
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes,
                              CUstream stream) {
  CALLED();
  if (!contains(machine().deviceMemory, from))
    return ERROR_INVALID_VALUE;
  streamOf(stream)->add(copyWork(hostOf(to), hostOf(from), bytes));
  return SUCCESS;
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes,
                              CUstream stream) {
  CALLED();
  streamOf(stream)->add(copyWork(to, hostOf(from), bytes));
  return SUCCESS;
}

CUresult cuPointerGetAttributes(unsigned, int *, void **values,
                                CUdeviceptr address) {
  CALLED();
  unsigned type = 0;
  if (contains(machine().deviceMemory, address))
    type = 2;
  else if (contains(machine().pinnedMemory, address))
    type = unsigned(MEMORYTYPE_HOST);
  *static_cast<unsigned *>(values[0]) = type;
  return SUCCESS;
}

CUresult cuTensorMapEncodeTiled(CUtensorMap *map, int, uint32_t rank,
                                void *address, const uint64_t *extents,
                                const uint64_t *, const uint32_t *,
                                const uint32_t *, int, int, int, int) {
  CALLED(false);
  EncodedMap encoded = {address, {}};
  std::memcpy(encoded.extents, extents, rank * sizeof(uint64_t));
  static_assert(sizeof encoded <= sizeof *map);
  std::memcpy(map, &encoded, sizeof encoded);
  return SUCCESS;
}

} // extern "C"
