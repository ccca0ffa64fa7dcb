// An implementation of the C API with known behaviour, for tests of what stands
// on top of it. It does no arithmetic worth the name: it counts, and remembers
// what it was given.
#ifndef MPC_TEST_UNIT_TRAIN_FAKEPROGRAM_H
#define MPC_TEST_UNIT_TRAIN_FAKEPROGRAM_H

#include "mpcrt/runtime.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

struct FakeTensor {
  std::string name;
  mpcrt_dtype dtype = MPCRT_F32;
  std::vector<int64_t> shape;
};

/// What the next opened program is and does, and what programs did. The model's
/// state is one number, `w`, to which an applied step adds lr times the sum of
/// the first elements of its samples. `forward` writes to output element [i, c]
/// of sample i the number 2 if c is the sample's first element, else 0.
struct Fake {
  int64_t batch = 4;
  uint64_t artifactSeed = 5;
  std::string device = "cpu", passedOver;
  std::string loss = "cross-entropy";
  bool scaled = true;
  std::vector<FakeTensor> inputs = {{"x", MPCRT_F32, {4, 2}}};
  std::vector<FakeTensor> outputs = {{"logits", MPCRT_F32, {4, 3}}};
  FakeTensor label = {"y", MPCRT_I64, {4}};
  int64_t classes = 3;
  int classAxis = 1;
  int64_t ignoreIndex = -100;
  double labelSmoothing = 0;

  /// Whether attempted step number `step`, from 1, is skipped.
  std::function<bool(int64_t step)> skips = [](int64_t) { return false; };
  /// The loss that step reports.
  std::function<float(int64_t step)> lossOf = [](int64_t step) {
    return 1.0f / float(step);
  };
  /// Called after each step, e.g. to raise a signal.
  std::function<void(int64_t step)> afterStep = [](int64_t) {};
  /// Whether save number `n`, from 1, fails as on a full disk.
  std::function<bool(int64_t n)> saveFails = [](int64_t) { return false; };
  /// Whether loading this path fails as a damaged file does.
  std::set<std::string> damagedFiles;

  /// Launch i takes i + 1 microseconds, the step 5.
  std::vector<mpcrt_launch_info> launches;
  mpcrt_ceilings ceilings = {4e12, 67e12, 989e12, 989e12, "a sheet"};
  int timedRepeats = 0;
  std::vector<float> timed; ///< first elements of the batch that was timed

  /// First element of every sample of every batch of mpcrt_step_async, in
  /// order.
  std::vector<float> seen;
  std::vector<int64_t> seenLabels;
  std::vector<std::vector<float>> evaluated; ///< the same per mpcrt_eval
  std::vector<std::string> saves, loads, weightLoads;
  int64_t saveAttempts = 0;
  size_t mostUnfinished = 0; ///< steps that were started and not waited for
  mpcrt_options openedWith = {};
};

/// The one fake of the process; a test starts with `fake() = Fake()`.
Fake &fake();

#endif
