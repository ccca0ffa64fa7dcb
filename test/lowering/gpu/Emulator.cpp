#include "test/lowering/gpu/Emulator.h"
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <sys/mman.h>
#include <ucontext.h>
#include <vector>

using namespace mpc::test;

namespace {
constexpr size_t stackBytes = 1 << 18;
constexpr int warpSize = 32;

/// Who has arrived where; complete when `expected` have.
struct Meeting {
  int arrived = 0;
  int64_t round = 0;
};

/// The operands of one warp-wide instruction, per lane.
struct Warp {
  Meeting meeting;
  void *in[warpSize], *out[warpSize];
};

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[stackBytes]};
  bool done = false;
};

struct Block {
  int threads = 0, current = 0, block = 0;
  bool moved = false; ///< whether any fiber got further in this round
  ucontext_t scheduler;
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  std::map<int, Meeting> barriers;
  llvm::function_ref<void()> kernel{nullptr};
};
Block state;
} // namespace

static void yieldFiber() {
  swapcontext(&state.fibers[size_t(state.current)].context, &state.scheduler);
}

// Waits until `expected` fibers have come; the last one runs `action` first.
static void meet(
    Meeting &meeting, int expected, llvm::function_ref<void()> action = [] {}) {
  int64_t round = meeting.round;
  state.moved = true;
  if (++meeting.arrived == expected) {
    action();
    meeting.arrived = 0;
    ++meeting.round;
    return;
  }
  while (meeting.round == round)
    yieldFiber();
  state.moved = true;
}

// All lanes of a warp execute `action` together, once.
static void together(void *in, void *out,
                     llvm::function_ref<void(Warp &)> action) {
  Warp &warp = state.warps[size_t(state.current / warpSize)];
  warp.in[state.current % warpSize] = in;
  warp.out[state.current % warpSize] = out;
  meet(warp.meeting, warpSize, [&] { action(warp); });
}

static void runFiber() {
  state.kernel();
  state.fibers[size_t(state.current)].done = true;
  state.moved = true;
  yieldFiber();
}

static bool runBlock() {
  state.barriers.clear();
  state.warps.assign(size_t(state.threads / warpSize), Warp());
  state.fibers.resize(size_t(state.threads));
  for (Fiber &fiber : state.fibers) {
    fiber.done = false;
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = stackBytes;
    makecontext(&fiber.context, runFiber, 0);
  }
  for (bool all = false; !all;) {
    all = true;
    state.moved = false;
    for (int i = 0; i < state.threads; ++i) {
      if (state.fibers[size_t(i)].done)
        continue;
      all = false;
      state.current = i;
      swapcontext(&state.scheduler, &state.fibers[size_t(i)].context);
    }
    if (!all && !state.moved)
      return false;
  }
  return true;
}

bool mpc::test::emulate(int64_t blocks, int64_t threads,
                        llvm::function_ref<void()> kernel) {
  assert(threads % warpSize == 0);
  state.threads = int(threads);
  state.kernel = kernel;
  for (state.block = 0; state.block < blocks; ++state.block)
    if (!runBlock())
      return false;
  return true;
}

char *mpc::test::emulatedShared() {
  static void *memory =
      mmap(nullptr, size_t(emulatedSharedBytes), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  return static_cast<char *>(memory);
}

//===-- The instructions --------------------------------------------------===//

extern "C" {
static int32_t emu_tid() { return state.current; }
static int32_t emu_ctaid() { return state.block; }
static void *emu_shared() { return emulatedShared(); }
static void emu_barrier(int32_t id, int32_t threads) {
  meet(state.barriers[id], threads ? threads : state.threads);
}
}

llvm::orc::SymbolMap
mpc::test::emulatorSymbols(llvm::orc::MangleAndInterner interner) {
  llvm::orc::SymbolMap map;
  auto add = [&](const char *name, auto *function) {
    map[interner(name)] = {llvm::orc::ExecutorAddr::fromPtr(function),
                           llvm::JITSymbolFlags::Exported};
  };
  add("emu_tid", emu_tid);
  add("emu_ctaid", emu_ctaid);
  add("emu_shared", emu_shared);
  add("emu_barrier", emu_barrier);
  return map;
}
