// Compiles one mpc.kernel with its CPU emitter and runs it in this process.
#ifndef MPC_TEST_LOWERING_KERNELRUNNER_H
#define MPC_TEST_LOWERING_KERNELRUNNER_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mpc::test {

/// A dense row-major tensor; every element type's values are exact in f64.
struct Tensor {
  std::string type; ///< as in IR, e.g. "4x8xf32"
  std::vector<double> values;
};

/// Number of elements of `type`.
int64_t elementCount(const std::string &type);
/// `values` rounded to the element type of `type`.
Tensor makeTensor(const std::string &type, const std::vector<double> &values);
/// Pseudo-random values in [-1, 1), rounded to the element type.
Tensor randomTensor(const std::string &type, uint32_t seed);
/// Bytes of an element of `type`, and of a tensor in memory.
size_t elementBytes(const std::string &type);
std::vector<char> encode(const Tensor &tensor);
Tensor decode(const std::string &type, const std::vector<char> &memory);
/// Unit roundoff of the element type: 2^-24, 2^-11, 2^-8.
double unitRoundoff(const std::string &type);
/// n * u / (1 - n * u) with u = 2^-24 (Higham, Accuracy and Stability, 3.1).
double gammaF32(int64_t n);

class KernelRunner {
public:
  /// `body` holds the ops of the kernel; its inputs are %0, %1, ... and it ends
  /// in mpc.yield. Tiles are as large as for `target`, but run here: its kernel
  /// must be made by a TileEmitter that every target shares. Aborts with a
  /// diagnostic if anything fails: tests only.
  KernelRunner(const std::string &root, const std::vector<std::string> &inputs,
               const std::string &body, const std::vector<std::string> &results,
               const std::string &target = "cpu");
  ~KernelRunner();

  /// Runs all phases. Tiles run in order, or each alone and last first if
  /// `backwards`; what was in results and workspaces before is garbage.
  std::vector<Tensor> run(const std::vector<Tensor> &inputs,
                          bool backwards = false) const;

  int phases() const;
  int64_t tiles(int phase) const;
  /// Calls one phase on raw buffers: inputs, results, workspaces.
  void call(int phase, const std::vector<void *> &buffers, int64_t firstTile,
            int64_t endTile) const;
  /// Bytes of each workspace.
  std::vector<int64_t> workspaceBytes() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace mpc::test

#endif
