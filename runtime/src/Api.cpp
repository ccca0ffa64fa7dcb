// The C API but for measurements, which are in ApiMeasure.cpp.
#include "runtime/src/ApiBorder.h"

#include <cstring>

using namespace mpcrt;

namespace {
static_assert(int(MPCRT_DAMAGED) == int(Code::Damaged));
static_assert(int(MPCRT_I8) == int(DType::I8));
static_assert(int(MPCRT_ROLE_DERIVED) == int(Role::Derived));
static_assert(MPCRT_MAX_RANK == maxRank);
static_assert(MPCRT_MAX_UNFINISHED == stepSlots);

template <typename Fn>
mpcrt_code openWith(const mpcrt_options *options, mpcrt_program **out,
                    Fn container) {
  if (!out)
    return MPCRT_USAGE;
  *out = new (std::nothrow) mpcrt_program;
  if (!*out)
    return MPCRT_OUT_OF_MEMORY;
  return guarded(*out, [&]() -> Status {
    Result<Container> file = container();
    if (!file.ok())
      return file.status();
    Result<std::unique_ptr<Program>> program =
        Program::open(std::move(*file), options ? *options : mpcrt_options{});
    if (!program.ok())
      return program.status();
    (*out)->program = std::move(*program);
    return Status();
  });
}

void describe(const TensorSpec &spec, mpcrt_role role,
              mpcrt_tensor_info *info) {
  *info = {};
  info->name = spec.name.c_str();
  info->dtype = mpcrt_dtype(spec.dtype);
  info->role = role;
  info->rank = int(spec.shape.size());
  for (size_t i = 0; i < spec.shape.size(); ++i)
    info->shape[i] = spec.shape[i];
  info->bytes = spec.bytes();
}

template <typename Spec>
const Spec *element(const std::vector<Spec> &specs, int index) {
  return index < 0 || size_t(index) >= specs.size() ? nullptr
                                                    : &specs[size_t(index)];
}

Status noSuch(const char *what, int index, size_t count) {
  return Status(Code::Usage, "no " + std::string(what) + " " +
                                 std::to_string(index) + ", the program has " +
                                 std::to_string(count));
}
} // namespace

extern "C" {

mpcrt_code mpcrt_open(const char *path, const mpcrt_options *options,
                      mpcrt_program **out) {
  return openWith(options, out, [&]() -> Result<Container> {
    if (!path)
      return Status(Code::Usage, "the path is a null pointer");
    return Container::open(path);
  });
}

mpcrt_code mpcrt_open_memory(const void *data, size_t size,
                             const mpcrt_options *options,
                             mpcrt_program **out) {
  return openWith(options, out, [&]() -> Result<Container> {
    if (!data)
      return Status(Code::Usage, "the data is a null pointer");
    return Container::fromMemory(data, size, "(memory)");
  });
}

void mpcrt_close(mpcrt_program *program) { delete program; }

const char *mpcrt_last_error(const mpcrt_program *program) {
  return program ? program->message : "";
}

const char *mpcrt_version(void) { return MPCRT_VERSION; }

mpcrt_code mpcrt_step(mpcrt_program *handle, const void *const *inputs,
                      const void *label, mpcrt_status *status) {
  return withProgram(handle, [&](Program &program) {
    return program.step(inputs, label, status);
  });
}

mpcrt_code mpcrt_step_async(mpcrt_program *handle, const void *const *inputs,
                            const void *label, void *stream) {
  return withProgram(handle, [&](Program &program) {
    return program.startStep(inputs, label, stream);
  });
}

mpcrt_code mpcrt_step_samples_async(mpcrt_program *handle,
                                    const void *const *inputs,
                                    const void *label, const int64_t *samples,
                                    void *stream) {
  return withProgram(handle, [&](Program &program) {
    return program.startStepOn({inputs, label, samples}, stream);
  });
}

mpcrt_code mpcrt_wait(mpcrt_program *handle, mpcrt_status *status) {
  return withProgram(handle,
                     [&](Program &program) { return program.wait(status); });
}

mpcrt_code mpcrt_eval(mpcrt_program *handle, const void *const *inputs,
                      void *const *outputs) {
  return withProgram(
      handle, [&](Program &program) { return program.eval(inputs, outputs); });
}

int mpcrt_input_count(const mpcrt_program *handle) {
  return handle && handle->program
             ? int(handle->program->manifest().inputs.size())
             : 0;
}

int mpcrt_output_count(const mpcrt_program *handle) {
  return handle && handle->program
             ? int(handle->program->manifest().outputs.size())
             : 0;
}

int mpcrt_tensor_count(const mpcrt_program *handle) {
  return handle && handle->program
             ? int(handle->program->manifest().states.size())
             : 0;
}

mpcrt_code mpcrt_input(const mpcrt_program *handle, int index,
                       mpcrt_tensor_info *info) {
  auto ask = [&](const Program &program) {
    const auto &inputs = program.manifest().inputs;
    const TensorSpec *spec = element(inputs, index);
    if (!spec)
      return noSuch("input", index, inputs.size());
    describe(*spec, MPCRT_ROLE_INPUT, info);
    return Status();
  };
  return withProgram(handle, ask, info);
}

mpcrt_code mpcrt_output(const mpcrt_program *handle, int index,
                        mpcrt_tensor_info *info) {
  auto ask = [&](const Program &program) {
    const auto &outputs = program.manifest().outputs;
    const TensorSpec *spec = element(outputs, index);
    if (!spec)
      return noSuch("output", index, outputs.size());
    describe(*spec, MPCRT_ROLE_OUTPUT, info);
    return Status();
  };
  return withProgram(handle, ask, info);
}

mpcrt_code mpcrt_label(const mpcrt_program *handle, mpcrt_tensor_info *info) {
  auto ask = [&](const Program &program) {
    describe(program.manifest().label, MPCRT_ROLE_LABEL, info);
    return Status();
  };
  return withProgram(handle, ask, info);
}

mpcrt_code mpcrt_tensor(const mpcrt_program *handle, int index,
                        mpcrt_tensor_info *info) {
  auto ask = [&](const Program &program) {
    const auto &states = program.manifest().states;
    const StateSpec *spec = element(states, index);
    if (!spec)
      return noSuch("tensor", index, states.size());
    describe(*spec, mpcrt_role(spec->role), info);
    return Status();
  };
  return withProgram(handle, ask, info);
}

mpcrt_code mpcrt_training(const mpcrt_program *handle,
                          mpcrt_training_info *info) {
  auto ask = [&](const Program &program) {
    const TrainingInfo &training = program.manifest().training;
    *info = {training.loss.c_str(),
             training.optimizer.c_str(),
             training.precision.c_str(),
             training.scaled ? 1 : 0,
             training.batch,
             program.seed(),
             training.labelSmoothing};
    return Status();
  };
  return withProgram(handle, ask, info);
}

mpcrt_code mpcrt_device(const mpcrt_program *handle, mpcrt_device_info *info) {
  auto ask = [&](const Program &program) {
    const DeviceInfo &device = program.device();
    *info = {device.device.c_str(), device.name.c_str(),
             device.target.c_str(), device.passedOver.c_str(),
             device.planBytes,      device.allocatedBytes,
             device.codeBytes,      device.usedBefore,
             device.libraryBytes,   device.fallback.c_str()};
    return Status();
  };
  return withProgram(handle, ask, info);
}

mpcrt_code mpcrt_label_classes(const mpcrt_program *handle, int64_t *classes,
                               int *class_axis, int64_t *ignore_index) {
  auto ask = [&](const Program &program) {
    const LabelSpec &label = program.manifest().label;
    *classes = label.isClass ? label.classes : 0;
    *class_axis = label.isClass ? int(label.classAxis) : 0;
    *ignore_index = label.isClass ? label.ignoreIndex : 0;
    return Status();
  };
  return withProgram(handle, ask, classes, class_axis, ignore_index);
}

mpcrt_code mpcrt_get(mpcrt_program *handle, const char *name, void *data,
                     size_t bytes) {
  auto get = [&](Program &program) { return program.get(name, data, bytes); };
  return withProgram(handle, get, name, static_cast<char *>(data));
}

mpcrt_code mpcrt_set(mpcrt_program *handle, const char *name, const void *data,
                     size_t bytes) {
  auto set = [&](Program &program) { return program.set(name, data, bytes); };
  return withProgram(handle, set, name, static_cast<const char *>(data));
}

mpcrt_code mpcrt_get_hyper(mpcrt_program *handle, const char *name,
                           double *value) {
  auto get = [&](Program &program) { return program.getHyper(name, value); };
  return withProgram(handle, get, name, value);
}

mpcrt_code mpcrt_set_hyper(mpcrt_program *handle, const char *name,
                           double value) {
  auto set = [&](Program &program) { return program.setHyper(name, value); };
  return withProgram(handle, set, name);
}

mpcrt_code mpcrt_digest(mpcrt_program *handle, char digest[33]) {
  auto write = [&](Program &program) {
    Result<std::string> hex = program.digest();
    if (hex.ok())
      std::memcpy(digest, hex->c_str(), hex->size() + 1);
    return hex.status();
  };
  return withProgram(handle, write, digest);
}

mpcrt_code mpcrt_save(mpcrt_program *handle, const char *path,
                      const mpcrt_loop *loop) {
  auto save = [&](Program &program) {
    LoopState state;
    if (loop)
      state = {loop->epoch, loop->position, loop->attempted_steps,
               loop->consecutive_skips, loop->shuffle_seed};
    return program.save(path, state);
  };
  return withProgram(handle, save, path);
}

mpcrt_code mpcrt_load(mpcrt_program *handle, const char *path,
                      mpcrt_loop *loop) {
  auto load = [&](Program &program) {
    LoopState state;
    Status status = program.load(path, &state);
    if (status.ok() && loop)
      *loop = {state.epoch, state.position, state.attemptedSteps,
               state.consecutiveSkips, state.shuffleSeed};
    return status;
  };
  return withProgram(handle, load, path);
}

mpcrt_code mpcrt_load_weights(mpcrt_program *handle, const char *path) {
  auto load = [&](Program &program) { return program.loadWeights(path); };
  return withProgram(handle, load, path);
}

mpcrt_code mpcrt_save_weights(mpcrt_program *handle, const char *path) {
  auto save = [&](Program &program) { return program.saveWeights(path); };
  return withProgram(handle, save, path);
}

} // extern "C"
