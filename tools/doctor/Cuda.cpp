// What GPU targets stand on: NVIDIA's driver to run, ptxas to compile.
#include "tools/doctor/Parts.h"
#include <dlfcn.h>
#include <memory>

namespace fs = std::filesystem;

namespace mpc::doctor {
namespace {

// The driver's functions that are called here, as cuda.h declares them.
class Driver {
public:
  explicit Driver(const std::string &name)
      : library(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL), closeLibrary) {
    if (!library)
      return;
    complete = load(init, "cuInit") && load(version, "cuDriverGetVersion") &&
               load(deviceCount, "cuDeviceGetCount") &&
               load(device, "cuDeviceGet") &&
               load(deviceName, "cuDeviceGetName") &&
               load(attribute, "cuDeviceGetAttribute") &&
               load(totalMemory, "cuDeviceTotalMem_v2");
  }

  bool isLoaded() const { return library != nullptr; }
  bool isComplete() const { return complete; }

  int (*init)(unsigned flags) = nullptr;
  int (*version)(int *version) = nullptr;
  int (*deviceCount)(int *count) = nullptr;
  int (*device)(int *device, int ordinal) = nullptr;
  int (*deviceName)(char *name, int length, int device) = nullptr;
  int (*attribute)(int *value, int attribute, int device) = nullptr;
  int (*totalMemory)(size_t *bytes, int device) = nullptr;

private:
  template <typename Function> bool load(Function &function, const char *name) {
    function = reinterpret_cast<Function>(dlsym(library.get(), name));
    return function != nullptr;
  }

  static void closeLibrary(void *library) {
    if (library)
      dlclose(library);
  }

  std::unique_ptr<void, void (*)(void *)> library;
  bool complete = false;
};

// Attributes of a device, by cuda.h's numbers.
constexpr int computeCapabilityMajor = 75;
constexpr int computeCapabilityMinor = 76;

bool readDevice(const Driver &driver, int ordinal, Device &result) {
  int device = 0, major = 0, minor = 0;
  char name[256] = {};
  size_t bytes = 0;
  if (driver.device(&device, ordinal) != 0 ||
      driver.deviceName(name, sizeof(name) - 1, device) != 0 ||
      driver.attribute(&major, computeCapabilityMajor, device) != 0 ||
      driver.attribute(&minor, computeCapabilityMinor, device) != 0 ||
      driver.totalMemory(&bytes, device) != 0)
    return false;
  result.name = name;
  result.arch = "sm_" + std::to_string(major) + std::to_string(minor);
  result.memoryBytes = bytes;
  return true;
}

// Describes a driver that can be called; false with the reason if it has no
// device to offer.
bool describeDriver(const Driver &driver, std::vector<Device> &devices,
                    std::string &what) {
  int version = 0, count = 0;
  if (int code = driver.init(0)) {
    what = "the driver is there, but its cuInit fails with code " +
           std::to_string(code);
    return false;
  }
  if (driver.version(&version) != 0 || driver.deviceCount(&count) != 0) {
    what = "the driver does not tell its version and devices";
    return false;
  }
  what = "CUDA " + std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    Device device;
    if (!readDevice(driver, ordinal, device))
      continue;
    what += (devices.empty() ? ": " : ", ") + device.name + " (" + device.arch +
            ", " + gibibytes(device.memoryBytes) + ")";
    devices.push_back(device);
  }
  if (devices.empty())
    what += ", no device";
  return !devices.empty();
}

// Folders that may hold a CUDA toolkit, the likeliest first.
std::vector<fs::path> toolkits(const Places &places) {
  std::vector<fs::path> folders;
  std::error_code error;
  // A ptxas in PATH stands in its toolkit's bin, maybe by way of a link.
  fs::path ptxas = findProgram("ptxas", places.path);
  fs::path resolved = ptxas.empty() ? ptxas : fs::canonical(ptxas, error);
  if (!resolved.empty() && !error)
    folders.push_back(resolved.parent_path().parent_path());
  if (!places.cudaHome.empty())
    folders.push_back(places.cudaHome);
  folders.push_back(places.root / "usr/local/cuda");
  // Debian's package.
  folders.push_back(places.root / "usr/lib/nvidia-cuda-toolkit");
  return folders;
}

} // namespace

Finding examineDriver(const Places &places, std::vector<Device> &devices) {
  Finding finding;
  finding.name = "nvidia-driver";
  finding.lost = "programs do not run on a GPU here";
  finding.next = "install NVIDIA's driver if the machine has a GPU of NVIDIA";
  Driver driver(places.driver);
  if (!driver.isLoaded())
    finding.what = places.driver + " cannot be loaded";
  else if (!driver.isComplete())
    finding.what = places.driver + " lacks functions of the CUDA driver";
  else
    finding.found = describeDriver(driver, devices, finding.what);
  return finding;
}

Finding examinePtxas(const Places &places) {
  Finding finding;
  finding.name = "ptxas";
  finding.lost =
      "no code for targets sm_90a and sm_80; --target ptx needs none of it";
  finding.next = "install CUDA Toolkit 12.8 or later, or set CUDA_HOME";
  fs::path ptxas = findProgram("ptxas", places.path);
  for (const fs::path &toolkit : toolkits(places))
    if (ptxas.empty())
      ptxas = findProgram("ptxas", (toolkit / "bin").string());
  finding.found = !ptxas.empty();
  finding.what = finding.found ? ptxas.string()
                               : "not in PATH, CUDA_HOME or /usr/local/cuda";
  return finding;
}

Finding examineLibdevice(const Places &places) {
  Finding finding;
  finding.name = "libdevice";
  finding.lost = "nothing: kernels have elementary functions of their own";
  finding.next = "install CUDA Toolkit 12.8 or later, or set CUDA_HOME";
  finding.what = "not in CUDA_HOME, /usr/local/cuda or ptxas's toolkit";
  for (const fs::path &toolkit : toolkits(places))
    for (const char *folder : {"nvvm/libdevice", "libdevice"}) {
      fs::path file = toolkit / folder / "libdevice.10.bc";
      std::error_code ignored;
      if (finding.found || !fs::is_regular_file(file, ignored))
        continue;
      finding.found = true;
      finding.what = file.string();
    }
  return finding;
}

} // namespace mpc::doctor
