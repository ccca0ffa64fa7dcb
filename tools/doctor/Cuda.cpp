// What GPU targets stand on: NVIDIA's driver to run, ptxas to compile.
#include "runtime/src/cuda/Driver.h"
#include "tools/doctor/Parts.h"

namespace fs = std::filesystem;

namespace mpc::doctor {
namespace {

using mpcrt::cuda::Driver;

// Whether it has what is called here; a program that runs wants more of it.
bool canDescribe(const Driver &driver) {
  return driver.init && driver.driverGetVersion && driver.deviceGetCount &&
         driver.deviceGet && driver.deviceGetName &&
         driver.deviceGetAttribute && driver.deviceTotalMem;
}

bool readDevice(const Driver &driver, int ordinal, Device &result) {
  using namespace mpcrt::cuda;
  int device = 0, major = 0, minor = 0;
  char name[256] = {};
  size_t bytes = 0;
  if (driver.deviceGet(&device, ordinal) != SUCCESS ||
      driver.deviceGetName(name, sizeof(name) - 1, device) != SUCCESS ||
      driver.deviceGetAttribute(&major,
                                DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
                                device) != SUCCESS ||
      driver.deviceGetAttribute(&minor,
                                DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
                                device) != SUCCESS ||
      driver.deviceTotalMem(&bytes, device) != SUCCESS)
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
  if (driver.driverGetVersion(&version) != 0 ||
      driver.deviceGetCount(&count) != 0) {
    what = "the driver does not tell its version and devices";
    return false;
  }
  what = "CUDA " + Driver::versionText(version);
  if (version < mpcrt::oldestDriver) {
    what += ", but programs need " + Driver::versionText(mpcrt::oldestDriver) +
            " or later";
    return false;
  }
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

} // namespace

Finding examineDriver(const Places &places, std::vector<Device> &devices) {
  Finding finding;
  finding.name = "nvidia-driver";
  finding.lost = "programs do not run on a GPU here";
  finding.next = "install NVIDIA's driver if the machine has a GPU of NVIDIA";
  auto driver = Driver::open(places.driver.c_str());
  if (!driver)
    finding.what = places.driver + " cannot be loaded";
  else if (!canDescribe(*driver))
    finding.what = places.driver + " lacks functions of the CUDA driver";
  else
    finding.found = describeDriver(*driver, devices, finding.what);
  return finding;
}

Finding examinePtxas(const Places &places) {
  Finding finding;
  finding.name = "ptxas";
  finding.lost =
      "no code for targets sm_90a and sm_80; --target ptx needs none of it";
  finding.next = "install CUDA Toolkit 12.8 or later, or set CUDA_HOME";
  fs::path ptxas = findPtxas(places);
  finding.found = !ptxas.empty();
  finding.what =
      finding.found ? ptxas.string() : std::string("not in ") + ptxasPlaces;
  return finding;
}

Finding examineLibdevice(const Places &places) {
  Finding finding;
  finding.name = "libdevice";
  finding.lost = "nothing: kernels have elementary functions of their own";
  finding.next = "install CUDA Toolkit 12.8 or later, or set CUDA_HOME";
  finding.what = "not in CUDA_HOME, /usr/local/cuda or ptxas's toolkit";
  for (const fs::path &toolkit : findToolkits(places))
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
