/* mpcrt: runs training programs that mpc compiled.
 *
 * C99. Nothing here throws, exits the process or keeps global state. A function
 * returns MPCRT_OK or an error code; mpcrt_last_error(program) then has the
 * message. A program is used by one thread at a time; different programs are
 * independent, also those of one artifact. After fork() the child cannot use a
 * program that was opened before, since its threads are the parent's: calls
 * return MPCRT_USAGE and only mpcrt_close works. Open it in the child.
 *
 * Tensors are dense, row-major, in the model's order. Sizes are in bytes. */
#ifndef MPCRT_RUNTIME_H
#define MPCRT_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MPCRT_API __attribute__((visibility("default")))
#else
#define MPCRT_API
#endif

/* The codes are the exit codes of the mpc command. */
typedef enum mpcrt_code {
  MPCRT_OK = 0,
  MPCRT_INTERNAL = 1,     /* a defect of mpcrt */
  MPCRT_USAGE = 2,        /* a wrong argument, an unknown name */
  MPCRT_INVALID_DATA = 3, /* data, shape or label that the model cannot take */
  MPCRT_FILE = 5,         /* missing, unreadable or unwritable file */
  MPCRT_DEVICE = 6,       /* no device, or the artifact is for another one */
  MPCRT_OUT_OF_MEMORY = 7,
  MPCRT_NUMERICS = 8,
  MPCRT_DAMAGED = 9 /* damaged or mismatched artifact or checkpoint */
} mpcrt_code;

typedef enum mpcrt_dtype {
  MPCRT_F32,
  MPCRT_F16,
  MPCRT_BF16,
  MPCRT_I64,
  MPCRT_I32,
  MPCRT_U8,
  MPCRT_BOOL,
  MPCRT_I8
} mpcrt_dtype;

/* What a tensor of the program is; see docs/artifact.md. */
typedef enum mpcrt_role {
  MPCRT_ROLE_PARAMETER,
  MPCRT_ROLE_CONSTANT,
  MPCRT_ROLE_STATISTIC,
  MPCRT_ROLE_MOMENT,
  MPCRT_ROLE_STEP,
  MPCRT_ROLE_HYPER,
  MPCRT_ROLE_LOOP,
  MPCRT_ROLE_DERIVED,
  MPCRT_ROLE_INPUT,
  MPCRT_ROLE_LABEL,
  MPCRT_ROLE_OUTPUT
} mpcrt_role;

#define MPCRT_MAX_RANK 8

/* Strings belong to the program and live as long as it. */
typedef struct mpcrt_tensor_info {
  const char *name;
  mpcrt_dtype dtype;
  mpcrt_role role;
  int rank;
  int64_t shape[MPCRT_MAX_RANK];
  size_t bytes;
} mpcrt_tensor_info;

/* What one training step did. */
typedef struct mpcrt_status {
  int64_t applied;         /* 1 if the step was applied, 0 if skipped */
  int64_t applied_steps;   /* after this step */
  int64_t skipped_steps;   /* after this step */
  int64_t nonfinite_count; /* non-finite gradient elements */
  float loss;              /* without the loss scale */
  float loss_scale;        /* the one this step used */
  float next_loss_scale;
  float grad_norm; /* of the unscaled gradients, before clipping */
  float lr;        /* the learning rate this step used */
} mpcrt_status;

typedef struct mpcrt_options {
  /* 0: one per CPU of this process; results are equal. On a GPU at most 4,
   * which copy batches. */
  int threads;
  /* "cpu", or the number of a GPU: "0", "1", ... NULL: what the artifact is
   * for; if that is both, a GPU where one is found that suits, else the CPU.
   * Which GPU: that of the CUDA context that is current in the calling thread,
   * else 0. The program uses that context if it is on its GPU, else the primary
   * context. */
  const char *device;
  int seed_given; /* 0: the seed of the artifact */
  uint64_t seed;  /* for initialisers */
} mpcrt_options;

/* Where a program runs. */
typedef struct mpcrt_device_info {
  const char *device;       /* "cpu", or the number of the GPU */
  const char *name;         /* of the GPU; of the CPU the instruction set */
  const char *target;       /* which of the artifact's targets runs */
  const char *passed_over;  /* why it is the CPU though the artifact has targets
                               for GPUs and the caller named no device; or "" */
  uint64_t plan_bytes;      /* states, arena, constants, batches, status */
  uint64_t allocated_bytes; /* GPU: asked of the driver for them, at once */
  uint64_t code_bytes;      /* GPU: what code and graphs took besides */
  uint64_t used_before;     /* GPU: in use before, contexts included */
  uint64_t library_bytes;   /* GPU: libraries' workspace, asked for besides */
  const char *fallback;     /* what a library that the artifact names does not
                               compute, so that kernels do, and why; or "" */
} mpcrt_device_info;

typedef struct mpcrt_program mpcrt_program;

/* Opens an artifact, initialises its state and writes the program to *out.
 * All memory is allocated here; if there is not enough, the message says how
 * much is needed and how much is free. Steps allocate nothing.
 * On failure *out is still a program if memory allows: it carries the message
 * and can only be closed (other calls return MPCRT_USAGE and leave the
 * message). `options` may be NULL, which is as if all of it were zero. The
 * artifact is a program: open only what you trust, and do not truncate the file
 * meanwhile. */
MPCRT_API mpcrt_code mpcrt_open(const char *path, const mpcrt_options *options,
                                mpcrt_program **out);
/* The same for an artifact in memory; `data` must outlive the program. */
MPCRT_API mpcrt_code mpcrt_open_memory(const void *data, size_t size,
                                       const mpcrt_options *options,
                                       mpcrt_program **out);
MPCRT_API void mpcrt_close(mpcrt_program *program); /* NULL is fine */

/* The message of the last call that failed; "" if none did. */
MPCRT_API const char *mpcrt_last_error(const mpcrt_program *program);
MPCRT_API const char *mpcrt_version(void);

/* One training step on one batch. `inputs` has one pointer per model input, in
 * the order of mpcrt_input; `label` the labels. All stay the caller's. On the
 * CPU memory aligned to 64 bytes is used in place, other memory is copied. On a
 * GPU each may be memory of the host or of the device, which is copied. Labels
 * out of range give MPCRT_INVALID_DATA before anything runs; labels in memory
 * of the device are not checked. A skipped step returns MPCRT_OK with
 * status->applied == 0. `status` may be NULL. */
MPCRT_API mpcrt_code mpcrt_step(mpcrt_program *program,
                                const void *const *inputs, const void *label,
                                mpcrt_status *status);

/* How many steps may be started and not yet waited for. */
#define MPCRT_MAX_UNFINISHED 2

/* Starts a training step and returns. On a GPU the step is put on `stream`, a
 * CUstream of the program's context; NULL is a stream of the program, which
 * keeps order with CUDA's default stream. Memory of the device is read in the
 * order of that stream and must stay as it is until the step is finished;
 * memory of the host is read before the function returns. Steps run in the
 * order in which they were started, whatever their streams. Nothing is
 * allocated and nothing is waited for. On the CPU the step just runs.
 * MPCRT_USAGE if MPCRT_MAX_UNFINISHED steps are unfinished. */
MPCRT_API mpcrt_code mpcrt_step_async(mpcrt_program *program,
                                      const void *const *inputs,
                                      const void *label, void *stream);
/* The same on samples that are picked from arrays in memory of the host, in
 * which they follow each other: sample i of the batch is number samples[i] of
 * each array. `samples` has mpcrt_training_info.batch numbers, which are not
 * checked; a sample has the bytes of the program's tensor over that. They are
 * copied once, by several threads, on a GPU to pinned memory. MPCRT_USAGE also
 * if a tensor's bytes are no multiple of the batch. */
MPCRT_API mpcrt_code mpcrt_step_samples_async(mpcrt_program *program,
                                              const void *const *inputs,
                                              const void *label,
                                              const int64_t *samples,
                                              void *stream);
/* Waits for the oldest unfinished step and writes what it did to *status, which
 * may be NULL. MPCRT_USAGE if there is none. The functions below that read or
 * change the program's state see it after all steps that were started, waited
 * for or not. */
MPCRT_API mpcrt_code mpcrt_wait(mpcrt_program *program, mpcrt_status *status);

/* Evaluates the model on one batch; `outputs` has one buffer per model output.
 * On a GPU inputs and outputs may be memory of the host or of the device. */
MPCRT_API mpcrt_code mpcrt_eval(mpcrt_program *program,
                                const void *const *inputs,
                                void *const *outputs);

MPCRT_API int mpcrt_input_count(const mpcrt_program *program);
MPCRT_API int mpcrt_output_count(const mpcrt_program *program);
MPCRT_API int mpcrt_tensor_count(const mpcrt_program *program); /* states */
MPCRT_API mpcrt_code mpcrt_input(const mpcrt_program *program, int index,
                                 mpcrt_tensor_info *info);
MPCRT_API mpcrt_code mpcrt_output(const mpcrt_program *program, int index,
                                  mpcrt_tensor_info *info);
MPCRT_API mpcrt_code mpcrt_label(const mpcrt_program *program,
                                 mpcrt_tensor_info *info);
MPCRT_API mpcrt_code mpcrt_tensor(const mpcrt_program *program, int index,
                                  mpcrt_tensor_info *info);
/* What the program was compiled for. Strings belong to the program. */
typedef struct mpcrt_training_info {
  const char *loss;      /* "cross-entropy", "mse", "l1", "huber", ... */
  const char *optimizer; /* "sgd", "adam", "adamw" */
  const char *precision; /* "fp16", "bf16", "fp32" */
  int scaled;            /* 1 if the loss is scaled dynamically */
  int64_t batch;         /* samples per step */
  uint64_t seed; /* the one in use: of mpcrt_options, else the artifact's */
  double label_smoothing; /* of cross-entropy; 0: none */
} mpcrt_training_info;
MPCRT_API mpcrt_code mpcrt_training(const mpcrt_program *program,
                                    mpcrt_training_info *info);

/* Where the program runs, and what it takes there. */
MPCRT_API mpcrt_code mpcrt_device(const mpcrt_program *program,
                                  mpcrt_device_info *info);

/* A launch of the training step, in the order of the step, and what it does at
 * least; docs/artifact.md says how that is counted. Strings belong to the
 * program. */
typedef struct mpcrt_launch_info {
  const char *kernel;    /* its function in the image */
  const char *node;      /* of the model, the first of several; or "" */
  const char *op;        /* ONNX's operator, "SGD", "LossScale", ... */
  const char *direction; /* "forward", "backward", "update" */
  const char *type;      /* of what is multiplied: "f32", "f16", "bf16" */
  uint64_t bytes_read, bytes_written, flops;
  const char
      *provider; /* who computes it here: "generated", "cublaslt" or "cudnn" */
} mpcrt_launch_info;
MPCRT_API int mpcrt_launch_count(const mpcrt_program *program);
MPCRT_API mpcrt_code mpcrt_launch(const mpcrt_program *program, int index,
                                  mpcrt_launch_info *info);

/* Takes the time, in seconds, of each launch, one number per launch (where a
 * library computes several at once, the first has it all), and of the
 * whole step without the host; each is run `repeats` times (from 1 to 100000)
 * in a row, on this batch. On a GPU by its own clock. States are afterwards as
 * before. Allocates. MPCRT_USAGE while a step is unfinished. */
MPCRT_API mpcrt_code mpcrt_time_step(mpcrt_program *program,
                                     const void *const *inputs,
                                     const void *label, int repeats,
                                     double *launch_seconds,
                                     double *step_seconds);

/* What the device could do. */
typedef struct mpcrt_ceilings {
  double copy_bytes; /* read and written per second, measured by large copies */
  double f32, f16, bf16; /* flops per second; 0: not known */
  const char *source;    /* of the flops: a measurement, or who states them */
} mpcrt_ceilings;
/* Measures for some tenths of a second; allocates up to 2 GiB on a GPU and 512
 * MiB on the CPU, and frees them. */
MPCRT_API mpcrt_code mpcrt_measure_ceilings(mpcrt_program *program,
                                            mpcrt_ceilings *ceilings);

/* What kind of label it is: for class labels the number of classes, the axis of
 * the output that they replace and the label that is ignored; 0 classes for
 * labels that are values. */
MPCRT_API mpcrt_code mpcrt_label_classes(const mpcrt_program *program,
                                         int64_t *classes, int *class_axis,
                                         int64_t *ignore_index);

/* Copies a state out or in by name. `bytes` must be the tensor's size. Setting
 * a parameter recomputes what is derived from it; derived states cannot be set.
 * What is said of ranges below holds here too. */
MPCRT_API mpcrt_code mpcrt_get(mpcrt_program *program, const char *name,
                               void *data, size_t bytes);
MPCRT_API mpcrt_code mpcrt_set(mpcrt_program *program, const char *name,
                               const void *data, size_t bytes);
/* Hyper-parameters (role hyper and the loss scale) as numbers. Out-of-range
 * values give MPCRT_USAGE with the allowed range. */
MPCRT_API mpcrt_code mpcrt_get_hyper(mpcrt_program *program, const char *name,
                                     double *value);
MPCRT_API mpcrt_code mpcrt_set_hyper(mpcrt_program *program, const char *name,
                                     double value);

/* 32 hex digits and a terminating zero: XXH3-128 over all model state. */
MPCRT_API mpcrt_code mpcrt_digest(mpcrt_program *program, char digest[33]);

/* Loop state of the caller (its data position), saved and restored with the
 * checkpoint; mpcrt does not interpret it. */
typedef struct mpcrt_loop {
  int64_t epoch, position, attempted_steps, consecutive_skips;
  uint64_t shuffle_seed;
} mpcrt_loop;

/* Saves everything that a resume needs. Written to a temporary file, synced and
 * renamed: the previous file stays valid until the new one is whole. `loop` may
 * be NULL. */
MPCRT_API mpcrt_code mpcrt_save(mpcrt_program *program, const char *path,
                                const mpcrt_loop *loop);
/* Loads a checkpoint saved by a program of the same artifact; all states must
 * be there with the same shapes. What does not fit gives MPCRT_DAMAGED and a
 * message with one line per difference; the state is then as before. `loop` may
 * be NULL. */
MPCRT_API mpcrt_code mpcrt_load(mpcrt_program *program, const char *path,
                                mpcrt_loop *loop);
/* Loads parameters, constants and statistics by name from weights or a
 * checkpoint; every one of them must be there. */
MPCRT_API mpcrt_code mpcrt_load_weights(mpcrt_program *program,
                                        const char *path);
/* Saves parameters, constants and statistics as safetensors. */
MPCRT_API mpcrt_code mpcrt_save_weights(mpcrt_program *program,
                                        const char *path);

#ifdef __cplusplus
}
#endif
#endif
