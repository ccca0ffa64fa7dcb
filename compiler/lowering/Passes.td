#ifndef MPC_LOWERING_PASSES
#define MPC_LOWERING_PASSES

include "mlir/Pass/PassBase.td"

def GroupKernelsPass : Pass<"mpc-group-kernels", "::mlir::func::FuncOp"> {
  let summary = "Puts kernels that may run side by side into one launch.";
  let description = [{
    A GPU needs microseconds between one kernel and the next, and many kernels are
    shorter: the updates of all parameters, the lookups in all tables. Going
    through the kernels in order, all later ones whose inputs are ready and whose
    blocks fit join the first. A kernel is not taken across others that stay
    behind if its results are larger than 1 MiB, as they would then occupy the
    arena longer. What a group reads is not written in it. Kernels with a
    GpuEmitter stay alone.
    Expects: kernels as `mpc-form-kernels` leaves them; does nothing where
    `mpc.target` is no GPU. Leaves: kernels with root `group`, whose bodies are
    kernels.
    Numerics: exact. Example: test/lowering/group-kernels.mlir
  }];
}

def ChooseTilesPass : Pass<"mpc-choose-tiles", "::mlir::ModuleOp"> {
  let summary = "Gives products the tiles that a table has for them.";
  let description = [{
    For sm_90a. A kernel whose product the table has gets its tile as attribute
    `mpc.tile`: rows, columns, stages, blocks that share columns, parts of the
    depth. The others keep what the emitter chooses.
    Expects: kernels as `mpc-form-kernels` leaves them. Leaves: the same.
    Numerics: exact but for the order of sums. Example: test/lowering/choose-tiles.mlir
  }];
  let options = [
    ListOption<"tiles", "tiles", "std::string",
               "PRODUCT=TILE, such as 1x512x1024x784:NT:f16=128x64x3x1x2">
  ];
}

def PlanBuffersPass : Pass<"mpc-plan-buffers", "::mlir::ModuleOp"> {
  let summary = "Gives every kernel its tiles, workspaces and buffers.";
  let description = [{
    Expects: functions as `mpc-form-kernels` leaves them. Leaves: `tiles`,
    `workspaces` and `buffers` on every kernel, the buffer table as module
    attribute `mpc.buffers` and the arena's size as `mpc.arena_bytes`. A committed
    value lies in its state's buffer, a returned one in its output's, a status in
    the status block; everything else shares one arena, where two values overlap
    only if no kernel sees both (best fit by offset, 64 bytes aligned).
    Numerics: exact. Example: test/lowering/plan-buffers.mlir
  }];
}

def LowerToGpuPass : Pass<"mpc-lower-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Emits the GPU functions of every kernel.";
  let description = [{
    Adds a nested module, named after the target, with one function per phase of
    each distinct kernel, over tensor maps and memrefs of inputs, results and
    workspaces. Its attribute `mpc.launch` says with which grid, block, dynamic
    shared memory and tensor maps it is launched. Kernels refer to their
    functions in `entries`. A kernel that no GPU emitter takes runs one tile per
    thread.
    Expects: kernels of a module whose `mpc.target` is a GPU. Leaves: kernels with
    `entries`.
    Numerics: exact. Example: test/lowering/lower-to-gpu.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::cf::ControlFlowDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::NVVM::NVVMDialect"];
}

def LowerToCpuPass : Pass<"mpc-lower-to-cpu", "::mlir::ModuleOp"> {
  let summary = "Emits the loops of every kernel.";
  let description = [{
    Adds a nested module `@cpu` with one function per phase of each distinct
    kernel, over memrefs of inputs, results and workspaces and the range of
    tiles, and refers to them in the kernels' `entries`. Kernels that differ in
    names alone share their functions.
    Expects: kernels. Leaves: kernels with `entries`.
    Numerics: exact. Example: test/lowering/lower-to-cpu.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::LLVM::LLVMDialect"];
}

#endif
