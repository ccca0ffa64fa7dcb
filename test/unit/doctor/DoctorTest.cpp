#include "test/unit/train/Schema.h"
#include "tools/doctor/Parts.h"
#include <fstream>
#include <gtest/gtest.h>
#include <set>

using namespace mpc::doctor;
using mpc::findProgram;
namespace fs = std::filesystem;

namespace {

void write(const fs::path &path, const std::string &content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << content;
}

void writeProgram(const fs::path &path) {
  write(path, "#!/bin/sh\n");
  fs::permissions(path, fs::perms::owner_all);
}

// A machine that has what is needed and nothing else.
class Doctor : public testing::Test {
protected:
  Doctor() {
    fs::create_directories(root / "tmp");
    write(root / "proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU\n");
    write(root / "proc/meminfo",
          "MemTotal:       8388608 kB\nMemAvailable:   3145728 kB\n");
    places.cpuHas = [this](std::string_view feature) {
      return features.count(std::string(feature)) != 0;
    };
    places.root = root;
    places.path = (root / "usr/bin").string();
    places.temporary = root / "tmp";
    places.driver = (root / "libcuda.so.1").string();
  }

  TempDir folder;
  fs::path root = folder / "machine";
  std::set<std::string> features = {"avx", "avx2", "bmi",   "bmi2",
                                    "fma", "f16c", "lzcnt", "movbe"};
  Places places;
};

const Finding &named(const Report &report, const std::string &name) {
  for (const Finding &finding : report.findings)
    if (finding.name == name)
      return finding;
  throw std::runtime_error("no finding " + name);
}

TEST_F(Doctor, AMachineWithWhatIsNeededIsReady) {
  Report report = examine(places);
  EXPECT_TRUE(report.ready());
  for (const char *found : {"cpu", "threads", "memory", "temporary-files"})
    EXPECT_TRUE(named(report, found).found) << found;
  for (const char *missing :
       {"avx512", "nvidia-driver", "ptxas", "libdevice", "dot"})
    EXPECT_FALSE(named(report, missing).found) << missing;
}

TEST_F(Doctor, ACpuWithoutFmaAndF16cIsNotReadyAndBothAreNamed) {
  features.erase("fma");
  features.erase("f16c");
  Report report = examine(places);
  EXPECT_FALSE(report.ready());
  EXPECT_EQ(named(report, "cpu").what, "Some CPU lacks fma, f16c");
}

TEST_F(Doctor, Avx512NeedsAllFiveParts) {
  for (const char *part : {"avx512f", "avx512bw", "avx512cd", "avx512dq"})
    features.insert(part);
  EXPECT_EQ(examineAvx512(places).what, "this CPU lacks avx512vl");
  features.insert("avx512vl");
  EXPECT_TRUE(examineAvx512(places).found);
}

TEST_F(Doctor, MemoryIsThatOfTheMachineAndOfTheControlGroup) {
  EXPECT_EQ(examineMemory(places).what, "3.0 GiB of 8.0 GiB available");
  write(root / "sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(examineMemory(places).what, "3.0 GiB of 8.0 GiB available");
  write(root / "sys/fs/cgroup/memory.max", "1073741824\n");
  EXPECT_EQ(examineMemory(places).what, "3.0 GiB of 8.0 GiB available, limited "
                                        "to 1.0 GiB by a control group");
}

TEST_F(Doctor, UnknownMemoryIsNoReasonNotToBeReady) {
  fs::remove(root / "proc/meminfo");
  Report report = examine(places);
  EXPECT_FALSE(named(report, "memory").found);
  EXPECT_TRUE(report.ready());
}

TEST_F(Doctor, AnAbsentTemporaryFolderIsNotReadyAndIsNamed) {
  places.temporary = root / "absent";
  Report report = examine(places);
  EXPECT_FALSE(report.ready());
  EXPECT_EQ(named(report, "temporary-files").what,
            (root / "absent").string() + " is not a writable folder");
}

TEST_F(Doctor, TheTemporaryFolderIsLeftAsItWas) {
  EXPECT_TRUE(examineTemporary(places).found);
  EXPECT_TRUE(fs::is_empty(root / "tmp"));
}

TEST_F(Doctor, ProgramsAreFoundInTheFirstFolderThatCanRunThem) {
  write(root / "a/dot", "not executable");
  fs::create_directories(root / "b/dot");
  writeProgram(root / "c/dot");
  writeProgram(root / "d/dot");
  std::string path;
  for (const char *part : {"a", "b", "", "c", "d"})
    path += (*part ? (root / part).string() : "") + ":";
  EXPECT_EQ(findProgram("dot", path), root / "c/dot");
  EXPECT_EQ(findProgram("neato", path), "");
  EXPECT_EQ(findProgram("dot", ""), "");
}

TEST_F(Doctor, DriverAndItsDevicesAreDescribed) {
  places.driver = TWO_DEVICES;
  Report report = examine(places);
  EXPECT_EQ(named(report, "nvidia-driver").what,
            "CUDA 12.8: Card 40 (sm_90, 1.0 GiB), Card 41 (sm_86, 2.0 GiB)");
  ASSERT_EQ(report.devices.size(), 2u);
  EXPECT_EQ(report.devices[1].arch, "sm_86");
  EXPECT_EQ(report.devices[1].memoryBytes, uint64_t(2) << 30);
}

TEST_F(Doctor, ADriverWithoutADeviceIsNotFoundAndSaysWhy) {
  std::vector<Device> devices;
  places.driver = NO_DEVICE;
  EXPECT_EQ(examineDriver(places, devices).what, "CUDA 12.8, no device");
  places.driver = NO_INIT;
  Finding finding = examineDriver(places, devices);
  EXPECT_EQ(finding.what,
            "the driver is there, but its cuInit fails with code 100");
  EXPECT_FALSE(finding.found);
  places.driver = OLD;
  EXPECT_EQ(examineDriver(places, devices).what,
            "CUDA 11.8, but programs need 12.0 or later");
  places.driver = "libm.so.6";
  EXPECT_EQ(examineDriver(places, devices).what,
            "libm.so.6 lacks functions of the CUDA driver");
  EXPECT_TRUE(devices.empty());
}

TEST_F(Doctor, PtxasIsLookedForInPathThenToolkitsThenUsrLocalThenDebians) {
  places.cudaHome = (root / "home").string();
  places.cudaPath = (root / "named").string();
  EXPECT_EQ(examinePtxas(places).what,
            "not in PATH, CUDA_HOME, CUDA_PATH or /usr/local/cuda");
  for (const char *nearer :
       {"usr/lib/nvidia-cuda-toolkit/bin/ptxas", "usr/local/cuda/bin/ptxas",
        "named/bin/ptxas", "home/bin/ptxas", "usr/bin/ptxas"}) {
    writeProgram(root / nearer);
    EXPECT_EQ(examinePtxas(places).what, (root / nearer).string());
  }
}

TEST_F(Doctor, ThePtxasThatIsNamedIsTheOnlyOne) {
  writeProgram(root / "usr/bin/ptxas");
  writeProgram(root / "mine");
  places.ptxas = (root / "mine").string();
  EXPECT_EQ(examinePtxas(places).what, (root / "mine").string());
  places.ptxas = (root / "absent").string();
  EXPECT_FALSE(examinePtxas(places).found);
  places.ptxas = "";
  EXPECT_FALSE(examinePtxas(places).found);
}

TEST_F(Doctor, LibdeviceIsFoundBesideAPtxasThatIsALink) {
  writeProgram(root / "opt/cuda/bin/ptxas");
  write(root / "opt/cuda/nvvm/libdevice/libdevice.10.bc", "BC");
  EXPECT_FALSE(examineLibdevice(places).found);
  fs::create_directories(root / "usr/bin");
  fs::create_symlink(root / "opt/cuda/bin/ptxas", root / "usr/bin/ptxas");
  EXPECT_TRUE(examineLibdevice(places).found);
}

TEST_F(Doctor, JsonFitsItsSchemaWithAnyPath) {
  places.driver = TWO_DEVICES;
  places.temporary = root / "no\xff\xfeUTF-8";
  std::ostringstream out;
  printJson(examine(places), "1.2.3", out);
  EXPECT_TRUE(fitsSchema(out.str(), "doctor")) << out.str();
  nlohmann::json json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["version"], "1.2.3");
  EXPECT_EQ(json["ready"], false);
}

TEST_F(Doctor, TextTellsWhatIsLostAndWhatToDo) {
  places.temporary = root / "absent";
  std::ostringstream out;
  printText(examine(places), out);
  std::string text = out.str();
  EXPECT_NE(text.find("MISSING  temporary-files"), std::string::npos) << text;
  EXPECT_NE(text.find("next: set TMPDIR to a writable folder"),
            std::string::npos);
  EXPECT_NE(text.find("missing  dot"), std::string::npos);
  EXPECT_EQ(text.find("lost: running artifacts"), std::string::npos);
}

} // namespace
