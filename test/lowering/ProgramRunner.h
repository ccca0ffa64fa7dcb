// Compiles a function of mpc ops and runs it in this process; what is compiled
// for a GPU runs under the emulator.
#ifndef MPC_TEST_LOWERING_PROGRAMRUNNER_H
#define MPC_TEST_LOWERING_PROGRAMRUNNER_H

#include "compiler/analysis/Target.h"
#include "compiler/lowering/CpuImage.h"
#include "mlir/IR/BuiltinOps.h"
#include <cstddef>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace mpc::test {

using Bytes = std::vector<std::byte>;

/// The bytes of a list of numbers and back.
template <typename T> Bytes toBytes(const std::vector<T> &values) {
  Bytes bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
template <typename T> std::vector<T> fromBytes(const Bytes &bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// A program that went through schedule, plan and lower. Buffers are zero at
/// first, the arena is filled with 0xff so that a forgotten store shows.
class ProgramRunner {
public:
  /// `text` is a module with some of @train_step, @forward and @derive, as the
  /// schedule phase expects it. Failures are reported to GoogleTest.
  explicit ProgramRunner(const std::string &text, Target target = {});
  ~ProgramRunner();

  bool ok() const { return program != nullptr; }
  /// Inputs and label are taken in the order of the function's arguments; the
  /// result is the outputs. With `splitTiles` every tile is a call of its own,
  /// last tile first, on a CPU.
  std::vector<Bytes> run(const std::string &function,
                         const std::vector<Bytes> &arguments,
                         bool splitTiles = false);
  Bytes &state(const std::string &name);
  template <typename T> T status(size_t offset) const {
    T value;
    std::memcpy(&value, statusBlock + offset, sizeof(T));
    return value;
  }
  const CpuImage &image() const;
  mlir::ModuleOp module() const;

private:
  struct Program;
  std::unique_ptr<Program> program;
  std::byte statusBlock[256] = {};
};

} // namespace mpc::test

#endif
