#include "test/lowering/gpu/Emulator.h"
#include "compiler/formats/FloatFormat.h"
#include "test/lowering/gpu/EmulatorThreads.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Alignment.h"
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
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

/// Who has arrived where; complete when `expected` have.
struct Meeting {
  int arrived = 0;
  int64_t round = 0;
};

/// The operands of one instruction of a warp or warpgroup, per lane.
struct Group {
  Meeting meeting;
  void *in[groupSize], *out[groupSize];
};

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[stackBytes]};
  bool done = false;
};

struct Cluster {
  int threads = 0; ///< of a block
  int blocks = 1, first = 0;
  int current = 0;    ///< among all fibers
  bool moved = false; ///< whether any fiber got further in this round
  ucontext_t scheduler;
  std::vector<Fiber> fibers;
  std::vector<Group> warps, groups;
  std::map<std::pair<int, int>, Meeting> barriers; ///< by block and number
  Meeting whole;

  int fiberCount() const { return threads * blocks; }
  int rank() const { return current / threads; }
  llvm::function_ref<void()> kernel{nullptr};
};
Cluster state;
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

void mpc::test::together(
    int size, void *in, void *out,
    llvm::function_ref<void(void **in, void **out)> action) {
  auto &all = size == warpSize ? state.warps : state.groups;
  Group &group = all[size_t(state.current / size)];
  group.in[state.current % size] = in;
  group.out[state.current % size] = out;
  meet(group.meeting, size, [&] { action(group.in, group.out); });
}

int mpc::test::currentThread() { return state.current; }

void mpc::test::waitUntil(llvm::function_ref<bool()> condition) {
  while (!condition())
    yieldFiber();
  madeProgress();
}

void mpc::test::madeProgress() { state.moved = true; }

static void runFiber() {
  state.kernel();
  state.fibers[size_t(state.current)].done = true;
  state.moved = true;
  yieldFiber();
}

static bool runCluster() {
  const int fibers = state.fiberCount();
  state.barriers.clear();
  state.whole = Meeting();
  state.warps.assign(size_t(fibers / warpSize), Group());
  state.groups.assign(size_t(fibers / groupSize), Group());
  state.fibers.resize(size_t(fibers));
  resetCopies(fibers);
  resetPhases();
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
    for (int i = 0; i < fibers; ++i) {
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
                        llvm::function_ref<void()> kernel, int64_t cluster) {
  assert(threads % warpSize == 0 && blocks % cluster == 0);
  state.threads = int(threads);
  state.blocks = int(cluster);
  state.kernel = kernel;
  for (state.first = 0; state.first < blocks; state.first += state.blocks)
    if (!runCluster())
      return false;
  return true;
}

// Aligned so that the low 18 bits of an address count from the beginning of its
// block's, as matrix descriptors want it.
static constexpr size_t window = 1 << 18;
static constexpr int mostBlocks = 16;

char *mpc::test::emulatedShared() {
  static void *memory =
      mmap(nullptr, (mostBlocks + 1) * window, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  return reinterpret_cast<char *>(
             llvm::alignAddr(memory, llvm::Align(window))) +
         size_t(state.current / std::max(state.threads, 1)) * window;
}

void *mpc::test::inBlock(void *pointer, int rank) {
  return static_cast<char *>(pointer) +
         int64_t(rank - state.rank()) * int64_t(window);
}

//===-- The instructions --------------------------------------------------===//

float mpc::test::narrow(uint16_t pattern, bool bf16) {
  using namespace mpc::formats;
  static const auto tables = [] {
    std::array<std::vector<float>, 2> result;
    for (bool isBf16 : {false, true})
      for (uint32_t i = 0; i < 1 << 16; ++i)
        result[isBf16].push_back(
            float(toDouble(i, *parseFloatFormat(isBf16 ? "bf16" : "f16"))));
    return result;
  }();
  return tables[bf16][pattern];
}

extern "C" {
static int32_t emu_tid() { return state.current % state.threads; }
static int32_t emu_ctaid() { return state.first + state.rank(); }
static int32_t emu_lane() { return state.current % warpSize; }
static void *emu_shared() { return emulatedShared(); }
static void emu_barrier(int32_t id, int32_t threads) {
  meet(state.barriers[{state.rank(), id}], threads ? threads : state.threads);
}
static void emu_sync_warp() {
  together(warpSize, nullptr, nullptr, [](void **, void **) {});
}
static void emu_sync_cluster() { meet(state.whole, state.fiberCount()); }
static void *emu_in_block(void *pointer, int32_t rank) {
  return inBlock(pointer, rank);
}

// A lane takes what lane `other` has, or the one whose number differs in its
// bits.
static int32_t emu_shuffle(int32_t value, int32_t other, int32_t butterfly) {
  int32_t from = butterfly ? emu_lane() ^ other : other, result = 0;
  std::pair<int32_t, int32_t> in = {value, from};
  together(warpSize, &in, &result, [](void **in, void **out) {
    auto operands = [&](int lane) {
      return *static_cast<std::pair<int32_t, int32_t> *>(in[lane]);
    };
    for (int lane = 0; lane < warpSize; ++lane)
      *static_cast<int32_t *>(out[lane]) =
          operands(operands(lane).second).first;
  });
  return result;
}

static int32_t emu_least(int32_t value) {
  int32_t result = 0;
  together(warpSize, &value, &result, [](void **in, void **out) {
    int32_t least = *static_cast<int32_t *>(in[0]);
    for (int lane = 1; lane < warpSize; ++lane)
      least = std::min(least, *static_cast<int32_t *>(in[lane]));
    for (int lane = 0; lane < warpSize; ++lane)
      *static_cast<int32_t *>(out[lane]) = least;
  });
  return result;
}

// Instructions that neither take nor give subnormal numbers.
static float flushed(float value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value)
                                                : value;
}
// Instructions err by as much as they may (PTX ISA), above or below.
static double eitherWay(double error, float x) {
  return std::popcount(std::bit_cast<uint32_t>(x)) % 2 == 0 ? error : -error;
}
static float offBy(double relative, double value, float x) {
  return float(value * (1 + eitherWay(relative, x)));
}
static float emu_exp2(float x) {
  return flushed(x) == 0 ? 1 : flushed(offBy(0x1p-22, std::exp2(double(x)), x));
}
static float emu_reciprocal(float x) {
  return flushed(offBy(0x1p-23, 1 / double(flushed(x)), x));
}
static float emu_sqrt(float x) {
  return offBy(0x1p-23, std::sqrt(double(x)), x);
}
static float emu_sqrt_flushed(float x) { return emu_sqrt(flushed(x)); }
static float emu_rsqrt_flushed(float x) {
  return offBy(0x1.2p-23, 1 / std::sqrt(double(flushed(x))), x);
}
static float emu_log2(float x) {
  double log = std::log2(double(x));
  return x > 0.5 && x < 2 ? float(log + eitherWay(0x1p-22, x))
                          : offBy(0x1p-22, log, x);
}
static float emu_log2_flushed(float x) { return emu_log2(flushed(x)); }

// LLVM's f32 to bf16, which returns a bf16 where a float is returned.
static float emu_to_bf16(float value) {
  using namespace mpc::formats;
  return std::bit_cast<float>(roundToFormat(value, FloatFormat::BF16));
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
  add("emu_lane", emu_lane);
  add("emu_shuffle", emu_shuffle);
  add("emu_least", emu_least);
  add("emu_exp2", emu_exp2);
  add("emu_reciprocal", emu_reciprocal);
  add("emu_sqrt", emu_sqrt);
  add("emu_sqrt_flushed", emu_sqrt_flushed);
  add("emu_rsqrt_flushed", emu_rsqrt_flushed);
  add("emu_log2", emu_log2);
  add("emu_log2_flushed", emu_log2_flushed);
  add("emu_mbarrier_init", emu_mbarrier_init);
  add("emu_mbarrier_arrive", emu_mbarrier_arrive);
  add("emu_mbarrier_arrive_there", emu_mbarrier_arrive);
  add("emu_mbarrier_wait", emu_mbarrier_wait);
  add("emu_copy_box", emu_copy_box);
  add("emu_copy_bytes", emu_copy_bytes);
  add("emu_fetch_bytes", emu_fetch_bytes);
  add("emu_send", emu_send);
  add("emu_wgmma", emu_wgmma);
  add("emu_copy_chunk", emu_copy_chunk);
  add("emu_end_copies", emu_end_copies);
  add("emu_wait_copies", emu_wait_copies);
  add("emu_ldmatrix", emu_ldmatrix);
  add("emu_mma", emu_mma);
  add("emu_shared", emu_shared);
  add("emu_barrier", emu_barrier);
  add("emu_sync_warp", emu_sync_warp);
  add("emu_sync_cluster", emu_sync_cluster);
  add("emu_in_block", emu_in_block);
  add("__truncsfbf2", emu_to_bf16);
  return map;
}
