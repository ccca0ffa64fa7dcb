// Runs the instances that gpu_numerics_bundle wrote and compares them with what
// the reference allows. Each runs twice, which must give the same bits.
#include "mpcrt/runtime.h"
#include "test/gpu/numerics/Group.h"
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

using namespace mpc::test;
using Bytes = std::vector<std::byte>;
namespace fs = std::filesystem;

namespace {
struct Options {
  std::string folder, target;
  std::string device = "0";
  std::set<std::string> ops; ///< empty: all
  bool spoil = false; ///< change every result; then every instance must fail
};

struct Count {
  int passed = 0, failed = 0;
  bool hasDevice = true;
};

class Program {
public:
  Program(const std::string &path, const std::string &device) {
    mpcrt_options options = {0, device.c_str(), 0, 0};
    code = mpcrt_open(path.c_str(), &options, &program);
    for (int i = 0; ok() && i < mpcrt_output_count(program); ++i) {
      mpcrt_tensor_info info;
      code = mpcrt_output(program, i, &info);
      outputs.emplace_back(info.bytes);
    }
  }
  ~Program() { mpcrt_close(program); }
  Program(const Program &) = delete;
  Program &operator=(const Program &) = delete;

  bool ok() const { return code == MPCRT_OK; }
  bool hasDevice() const { return code != MPCRT_DEVICE; }
  std::string error() const { return mpcrt_last_error(program); }

  void evaluate(const Group &group, int set) {
    std::vector<const void *> inputs;
    std::vector<void *> places;
    for (int i = 0; i < mpcrt_input_count(program); ++i)
      inputs.push_back(group.input(i, set).data());
    for (Bytes &output : outputs) {
      std::fill(output.begin(), output.end(), std::byte(0xff));
      places.push_back(output.data());
    }
    code = mpcrt_eval(program, inputs.data(), places.data());
  }

  std::vector<Bytes> outputs;

private:
  mpcrt_program *program = nullptr;
  mpcrt_code code;
};
} // namespace

// Changes the last element by its highest bit but the sign: to nothing near.
// What has no elements gets one.
static void spoilLast(Bytes &bytes, size_t width) {
  if (bytes.empty())
    bytes.resize(width);
  bytes.back() ^= std::byte(width == 1 ? 1 : 0x40);
}

// What is wrong with an instance whose first output is `first`, or nothing.
static std::string judge(const Group &group, const Instance &instance,
                         int first, int set, const std::vector<Bytes> &got,
                         const std::vector<Bytes> &again) {
  for (int i = first; i < first + instance.outputs; ++i) {
    std::string where = "set " + std::to_string(set) + ", result " +
                        std::to_string(i - first) + ": ";
    std::string wrong = describeDifference(
        decode(got[size_t(i)], group.outputType(i)), group.allowed(i, set));
    if (!wrong.empty())
      return where + wrong;
    if (got[size_t(i)] != again[size_t(i)])
      return where + "a second run gives other bits\n";
  }
  return "";
}

// The first thing that is wrong with each instance.
static std::vector<std::string> runGroup(Program &program, const Group &group,
                                         bool spoil) {
  std::vector<std::string> wrong(group.instances().size());
  int sets = 0;
  for (const Instance &instance : group.instances())
    sets = std::max(sets, instance.sets);
  for (int set = 0; set < sets; ++set) {
    program.evaluate(group, set);
    std::vector<Bytes> got = program.outputs;
    program.evaluate(group, set);
    if (!program.ok())
      return std::vector<std::string>(wrong.size(), program.error() + "\n");
    for (size_t i = 0; spoil && i < got.size(); ++i)
      spoilLast(got[i], mpcrt::byteWidth(group.outputType(int(i))));
    int first = 0;
    for (size_t i = 0; i < wrong.size(); ++i) {
      const Instance &instance = group.instances()[i];
      if (set < instance.sets && wrong[i].empty())
        wrong[i] = judge(group, instance, first, set, got, program.outputs);
      first += instance.outputs;
    }
  }
  return wrong;
}

static Count runOp(const fs::path &artifact, const Options &options) {
  std::string op = artifact.stem();
  mpcrt::Result<Group> group =
      Group::open(fs::path(options.folder) / (op + ".cases"));
  Program program(artifact, options.device);
  if (!group.ok() || !program.ok()) {
    std::printf("%s: FAILED: %s\n", op.c_str(),
                group.ok() ? program.error().c_str()
                           : group.status().message().c_str());
    return {0, 1, program.hasDevice()};
  }
  Count count;
  std::vector<std::string> wrong = runGroup(program, *group, options.spoil);
  for (size_t i = 0; i < wrong.size(); ++i) {
    ++(wrong[i].empty() ? count.passed : count.failed);
    std::printf("%s %zu: %s", op.c_str(), i,
                wrong[i].empty() ? "ok\n" : "FAILED: ");
    if (!wrong[i].empty())
      std::printf("%s%s", wrong[i].c_str(), group->instances()[i].text.c_str());
  }
  return count;
}

static bool parse(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--spoil")
      options.spoil = true;
    else if (argument == "--device" && i + 1 < argc)
      options.device = argv[++i];
    else if (argument.starts_with("-"))
      return false;
    else if (options.folder.empty())
      options.folder = argument;
    else if (options.target.empty())
      options.target = argument;
    else
      options.ops.insert(argument);
  }
  return !options.target.empty();
}

int main(int argc, char **argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: mpc_gpu_numerics FOLDER TARGET "
                         "[--device N|cpu] [--spoil] [OP...]\n");
    return 2;
  }
  std::set<fs::path> artifacts;
  fs::path folder = fs::path(options.folder) / options.target;
  if (!fs::is_directory(folder)) {
    std::fprintf(stderr, "'%s' is no folder\n", folder.c_str());
    return 2;
  }
  for (const auto &entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".mpx" &&
        (options.ops.empty() || options.ops.contains(entry.path().stem())))
      artifacts.insert(entry.path());
  Count all;
  for (const fs::path &artifact : artifacts) {
    Count one = runOp(artifact, options);
    if (!one.hasDevice)
      return MPCRT_DEVICE;
    all.passed += one.passed;
    all.failed += one.failed;
  }
  std::printf("%d passed, %d failed\n", all.passed, all.failed);
  if (options.spoil)
    return all.failed > 0 && all.passed == 0 ? 0 : 1;
  return all.passed > 0 && all.failed == 0 ? 0 : 1;
}
