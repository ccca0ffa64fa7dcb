#include "test/lowering/gpu/Emulator.h"
#include "compiler/formats/FloatFormat.h"
#include "test/lowering/gpu/EmulatorWarp.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Alignment.h"
#include <array>
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
constexpr int warpSize = 32, groupSize = 128;

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

/// An mbarrier.
struct PhaseBarrier {
  int expected = 0, pending = 0, bytes = 0, parity = 0;
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
  std::vector<Group> warps, groups;
  std::map<int, Meeting> barriers;
  std::map<void *, PhaseBarrier> phases;
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

// All lanes of a warp (warpgroup) execute `action` together, once.
static void together(int size, void *in, void *out,
                     llvm::function_ref<void(Group &)> action) {
  auto &all = size == warpSize ? state.warps : state.groups;
  Group &group = all[size_t(state.current / size)];
  group.in[state.current % size] = in;
  group.out[state.current % size] = out;
  meet(group.meeting, size, [&] { action(group); });
}

int mpc::test::currentThread() { return state.current; }

void mpc::test::togetherInWarp(
    void *in, void *out,
    llvm::function_ref<void(void **in, void **out)> action) {
  together(warpSize, in, out, [&](Group &warp) { action(warp.in, warp.out); });
}

static void runFiber() {
  state.kernel();
  state.fibers[size_t(state.current)].done = true;
  state.moved = true;
  yieldFiber();
}

static bool runBlock() {
  state.barriers.clear();
  state.phases.clear();
  state.warps.assign(size_t(state.threads / warpSize), Group());
  state.groups.assign(size_t(state.threads / groupSize), Group());
  state.fibers.resize(size_t(state.threads));
  resetCopies(state.threads);
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

// Aligned so that the low 18 bits of an address count from its beginning, as
// matrix descriptors want it.
char *mpc::test::emulatedShared() {
  constexpr size_t window = 1 << 18;
  static void *memory = mmap(nullptr, 2 * window, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  return reinterpret_cast<char *>(llvm::alignAddr(memory, llvm::Align(window)));
}

//===-- The instructions --------------------------------------------------===//

// Where the byte at a linear address of a swizzled tile is: of each 1024 bytes,
// row r has its 16-byte chunk c at c ^ r.
static char *swizzled(char *linear, int64_t swizzle) {
  assert((swizzle == 0 || swizzle == 128) && "other swizzles are not used");
  auto address = reinterpret_cast<uintptr_t>(linear);
  return swizzle ? reinterpret_cast<char *>(address ^ (address >> 3 & 0x70))
                 : linear;
}

// An element of an operand of wgmma through its descriptor (PTX ISA, "Matrix
// descriptor" and "Strides").
static uint16_t element(uint64_t descriptor, bool depthFirst, int at,
                        int depth) {
  auto field = [&](int bit) {
    return int64_t(descriptor >> bit & 0x3FFF) << 4;
  };
  int64_t blocks = field(16), groups = field(32), offset;
  if (depthFirst)
    offset = at / 8 * groups + at % 8 * 128 + depth * 2;
  else
    offset =
        at / 64 * blocks + depth / 8 * groups + depth % 8 * 128 + at % 64 * 2;
  uint16_t result;
  std::memcpy(&result, swizzled(emulatedShared() + field(0) + offset, 128), 2);
  return result;
}

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
static int32_t emu_tid() { return state.current; }
static int32_t emu_ctaid() { return state.block; }
static int32_t emu_lane() { return state.current % warpSize; }
static void *emu_shared() { return emulatedShared(); }
static void emu_barrier(int32_t id, int32_t threads) {
  meet(state.barriers[id], threads ? threads : state.threads);
}

static int32_t emu_lane0(int32_t value) {
  int32_t result = 0;
  together(warpSize, &value, &result, [](Group &warp) {
    for (void *out : llvm::ArrayRef(warp.out, warpSize))
      *static_cast<int32_t *>(out) = *static_cast<int32_t *>(warp.in[0]);
  });
  return result;
}

static void emu_mbarrier_init(void *address, int32_t count) {
  state.phases[address] = {count, count, 0, 0};
}

static void advance(PhaseBarrier &barrier) {
  state.moved = true;
  if (barrier.pending != 0 || barrier.bytes != 0)
    return;
  barrier.parity ^= 1;
  barrier.pending = barrier.expected;
}

static void emu_mbarrier_arrive(void *address, int32_t bytes) {
  PhaseBarrier &barrier = state.phases.at(address);
  barrier.bytes += bytes;
  --barrier.pending;
  advance(barrier);
}

static void emu_mbarrier_wait(void *address, int32_t parity) {
  PhaseBarrier &barrier = state.phases.at(address);
  while (barrier.parity == parity)
    yieldFiber();
  state.moved = true;
}

static void emu_copy_box(char *to, const EmulatedMap *map, void *address,
                         int32_t x, int32_t y, int32_t z) {
  int64_t first[3] = {x, y, z}, box[3] = {1, 1, 1}, bytes = 0;
  std::copy_n(map->box, map->rank, box);
  for (int64_t k = 0; k < box[2]; ++k)
    for (int64_t j = 0; j < box[1]; ++j)
      for (int64_t i = 0; i < box[0]; ++i) {
        int64_t at[3] = {first[0] + i, first[1] + j, first[2] + k}, from = 0;
        bool inside = true;
        for (int64_t d = 0; d < map->rank; ++d) {
          inside &= at[d] < map->extents[d];
          from += at[d] * map->pitches[d];
        }
        char *place = swizzled(to + bytes, map->swizzle);
        if (inside)
          std::memcpy(place, map->base + from, size_t(map->elementBytes));
        else
          std::memset(place, 0, size_t(map->elementBytes));
        bytes += map->elementBytes;
      }
  PhaseBarrier &barrier = state.phases.at(address);
  barrier.bytes -= int32_t(bytes);
  advance(barrier);
}

static void emu_wgmma(float *sums, uint64_t left, uint64_t right,
                      int32_t columns, int32_t leftDepthFirst,
                      int32_t rightDepthFirst, int32_t bf16) {
  together(groupSize, nullptr, sums, [&](Group &group) {
    for (int row = 0; row < 64; ++row)
      for (int column = 0; column < columns; ++column) {
        // Row r is in warp r / 16; see the figure of D in the PTX ISA.
        int lane = row / 16 * 32 + row % 8 * 4 + column % 8 / 2;
        int number = column / 8 * 4 + row % 16 / 8 * 2 + column % 2;
        float &sum = static_cast<float *>(group.out[lane])[number];
        for (int depth = 0; depth < 16; ++depth)
          sum += narrow(element(left, leftDepthFirst, row, depth), bf16) *
                 narrow(element(right, rightDepthFirst, column, depth), bf16);
      }
  });
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
  add("emu_lane0", emu_lane0);
  add("emu_mbarrier_init", emu_mbarrier_init);
  add("emu_mbarrier_arrive", emu_mbarrier_arrive);
  add("emu_mbarrier_wait", emu_mbarrier_wait);
  add("emu_copy_box", emu_copy_box);
  add("emu_wgmma", emu_wgmma);
  add("emu_copy_chunk", emu_copy_chunk);
  add("emu_end_copies", emu_end_copies);
  add("emu_wait_copies", emu_wait_copies);
  add("emu_ldmatrix", emu_ldmatrix);
  add("emu_mma", emu_mma);
  add("emu_shared", emu_shared);
  add("emu_barrier", emu_barrier);
  return map;
}
