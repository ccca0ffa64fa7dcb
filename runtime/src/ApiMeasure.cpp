// The part of the C API that measures.
#include "runtime/src/ApiBorder.h"

#include <algorithm>

using namespace mpcrt;

extern "C" {

int mpcrt_launch_count(const mpcrt_program *program) {
  return program && program->program
             ? int(program->program->target().trainStep.size())
             : 0;
}

mpcrt_code mpcrt_launch(const mpcrt_program *program, int index,
                        mpcrt_launch_info *info) {
  return withProgram(
      program,
      [&](Program &p) {
        const Target &target = p.target();
        if (index < 0 || size_t(index) >= target.trainStep.size())
          return Status(Code::Usage,
                        "no launch " + std::to_string(index) +
                            ", the program has " +
                            std::to_string(target.trainStep.size()));
        const Launch &launch = target.trainStep[size_t(index)];
        info->kernel = target.kernels[size_t(launch.kernel)].name.c_str();
        info->node = launch.nodes.empty() ? "" : launch.nodes[0].c_str();
        info->op = launch.op.c_str();
        info->direction = launch.direction.c_str();
        info->type = launch.type.c_str();
        info->bytes_read = uint64_t(launch.bytesRead);
        info->bytes_written = uint64_t(launch.bytesWritten);
        info->flops = uint64_t(launch.operations);
        const std::vector<const char *> &providers = p.device().providers;
        info->provider =
            providers.empty() ? noLibrary : providers[size_t(index)];
        return Status();
      },
      info);
}

mpcrt_code mpcrt_time_step(mpcrt_program *program, const void *const *inputs,
                           const void *label, int repeats,
                           double *launch_seconds, double *step_seconds) {
  return withProgram(
      program,
      [&](Program &p) {
        Result<StepTimes> times = p.timeStep(inputs, label, repeats);
        if (!times.ok())
          return times.status();
        std::copy(times->launches.begin(), times->launches.end(),
                  launch_seconds);
        *step_seconds = times->step;
        return Status();
      },
      launch_seconds, step_seconds);
}

mpcrt_code mpcrt_measure_ceilings(mpcrt_program *program,
                                  mpcrt_ceilings *ceilings) {
  return withProgram(
      program,
      [&](Program &p) {
        Result<Ceilings> measured = p.ceilings();
        if (!measured.ok())
          return measured.status();
        *ceilings = {measured->copyBytes, measured->f32, measured->f16,
                     measured->bf16, measured->source};
        return Status();
      },
      ceilings);
}

} // extern "C"
