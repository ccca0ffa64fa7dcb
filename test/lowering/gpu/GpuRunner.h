// Emits one mpc.kernel with a GPU emitter and runs it under the emulator.
#ifndef MPC_TEST_LOWERING_GPU_GPURUNNER_H
#define MPC_TEST_LOWERING_GPU_GPURUNNER_H

#include "compiler/lowering/gpu/GpuEmitter.h"
#include "test/lowering/KernelRunner.h"

namespace mpc::test {

struct KernelSource {
  std::string root;
  std::vector<std::string> inputs;
  std::string body; ///< its inputs are %0, %1, ...; ends in mpc.yield
  std::vector<std::string> results;
  std::vector<int64_t> tile = {}; ///< of mpc-choose-tiles; empty: none
};

class GpuRunner {
public:
  GpuRunner(const GpuEmitter &emitter, Target target,
            const KernelSource &source);
  ~GpuRunner();

  bool suits() const;
  const llvm::SmallVector<GpuPhase> &phases() const;
  /// Emits, compiles and runs all phases; nothing if their threads deadlock.
  std::vector<Tensor> run(const std::vector<Tensor> &inputs);

  /// The PTX of all phases, functions phase0, phase1, ...
  std::string ptx();

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace mpc::test

#endif
