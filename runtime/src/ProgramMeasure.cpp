// Measurements of a program, which leave it as it was.
#include "runtime/src/Program.h"

#include <cstring>

namespace mpcrt {

namespace {
constexpr int mostRepeats = 100000;
} // namespace

const Target &Program::target() const {
  for (const Target &target : theManifest.targets)
    if (target.target == device().target)
      return target;
  return theManifest.targets.front();
}

Result<StepTimes> Program::timeStep(const void *const *inputs,
                                    const void *label, int repeats) {
  if (repeats < 1 || repeats > mostRepeats)
    return Status(Code::Usage, std::to_string(repeats) +
                                   " repeats, expected 1 to " +
                                   std::to_string(mostRepeats));
  if (startedSteps != finishedSteps)
    return Status(Code::Usage, "a step is unfinished; call mpcrt_wait before");
  if (Status status = checkBatch({inputs, label}); !status.ok())
    return status;
  std::vector<AlignedBuffer> kept;
  for (size_t i = 0; i < theManifest.states.size(); ++i) {
    Result<StateView> view = executor->read(i);
    if (!view.ok())
      return view.status();
    kept.emplace_back(theManifest.states[i].bytes());
    if (kept.back().size())
      std::memcpy(kept.back().data(), view->data, kept.back().size());
  }
  Result<StepTimes> times = executor->timeStep(inputs, label, repeats);
  // Also after a failure.
  Status restored;
  for (size_t i = 0; i < kept.size() && restored.ok(); ++i)
    restored = executor->write(i, [&](void *place) {
      if (kept[i].size())
        std::memcpy(place, kept[i].data(), kept[i].size());
      return Status();
    });
  if (times.ok() && !restored.ok())
    return restored;
  return times;
}

Result<Ceilings> Program::ceilings() { return executor->ceilings(); }

} // namespace mpcrt
