// An opened artifact: its state and what can be done with it. Everything the C
// API offers, with statuses instead of codes.
#ifndef MPC_RUNTIME_SRC_PROGRAM_H
#define MPC_RUNTIME_SRC_PROGRAM_H

#include "runtime/artifact/Container.h"
#include "runtime/artifact/Manifest.h"
#include "runtime/include/mpcrt/runtime.h"
#include "runtime/src/Executor.h"
#include "runtime/src/Hyper.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace mpcrt {

class ContainerWriter;

class Program {
public:
  /// Takes the container and opens the program in it: checks, maps the code,
  /// initialises all states.
  static Result<std::unique_ptr<Program>> open(Container container,
                                               const mpcrt_options &options);

  const Manifest &manifest() const { return theManifest; }
  /// Whether this process is a fork of the one that opened the program: then
  /// its threads are not here.
  bool isForked() const { return owner != getpid(); }
  /// The seed that the initialisers used.
  uint64_t seed() const { return theSeed; }
  const DeviceInfo &device() const { return executor->info(); }

  /// See mpcrt_step, mpcrt_step_async, mpcrt_wait and mpcrt_eval.
  Status step(const void *const *inputs, const void *label,
              mpcrt_status *status);
  Status startStep(const void *const *inputs, const void *label, void *stream);
  /// See mpcrt_step_samples_async.
  Status startStepOn(const Batch &samples, void *stream);
  Status wait(mpcrt_status *status);
  Status eval(const void *const *inputs, void *const *outputs);

  /// The target that runs.
  const Target &target() const;
  /// See mpcrt_time_step and mpcrt_measure_ceilings. States are as before.
  Result<StepTimes> timeStep(const void *const *inputs, const void *label,
                             int repeats);
  Result<Ceilings> ceilings();

  /// See mpcrt_get and mpcrt_set.
  Status get(std::string_view name, void *data, size_t bytes) const;
  Status set(std::string_view name, const void *data, size_t bytes);
  Status getHyper(std::string_view name, double *value) const;
  Status setHyper(std::string_view name, double value);

  /// XXH3-128 over all model state, as hex.
  Result<std::string> digest() const;

  // Checkpoint.cpp
  Status save(const std::string &path, const LoopState &loop) const;
  Status saveWeights(const std::string &path) const;
  /// Nothing is changed unless all of the file fits.
  Status load(const std::string &path, LoopState *loop);
  Status loadWeights(const std::string &path);

private:
  Program(Container container, Manifest manifest)
      : container(std::move(container)), theManifest(std::move(manifest)) {}
  Status initializeStates();
  Status start(const Batch &batch, void *stream);
  Status checkBatch(const Batch &batch) const;
  Status checkLabels(const Batch &batch) const;
  Result<size_t> indexOf(std::string_view name) const;
  Result<size_t> hyperIndex(std::string_view name) const;
  /// The value of an F32 scalar by the index of its state.
  using ScalarReader = std::function<Result<float>(size_t)>;
  Result<float> scalar(size_t state) const;
  HyperLimits hyperLimits() const;
  /// Code::Usage for the first hyper-parameter that is out of its range.
  Status checkHypers(const ScalarReader &read) const;
  /// Copies tensors of `file` to the states whose role `takes` accepts, then
  /// derives the rest.
  Status adopt(const Container &file, bool (*takes)(Role));
  /// Adds the states whose role `takes` accepts. What `views` gets must live
  /// until the file is written.
  Status addStates(bool (*takes)(Role), std::vector<StateView> &views,
                   ContainerWriter &writer) const;

  Container container;
  Manifest theManifest;
  uint64_t theSeed = 0;
  pid_t owner = getpid();
  std::unique_ptr<Executor> executor;
  // Steps so far; step n has slot n % stepSlots.
  size_t startedSteps = 0, finishedSteps = 0;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_PROGRAM_H
