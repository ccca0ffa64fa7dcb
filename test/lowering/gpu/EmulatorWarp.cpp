#include "test/lowering/gpu/EmulatorThreads.h"
#include <cstring>
#include <deque>
#include <vector>

using namespace mpc::test;

namespace {
struct Copy {
  char *to;
  const char *from;
  int32_t bytes, read;
};
struct Copies {
  std::vector<Copy> open;
  std::deque<std::vector<Copy>> groups;
};
std::vector<Copies> copies; ///< per thread
} // namespace

void mpc::test::resetCopies(int threads) {
  copies.assign(size_t(threads), Copies());
}

static Copies &ownCopies() { return copies[size_t(currentThread())]; }

void mpc::test::emu_copy_chunk(char *to, const char *from, int32_t bytes,
                               int32_t read) {
  ownCopies().open.push_back({to, from, bytes, read});
}

void mpc::test::emu_end_copies() {
  ownCopies().groups.push_back(std::move(ownCopies().open));
  ownCopies().open.clear();
}

void mpc::test::emu_wait_copies(int32_t unfinished) {
  auto &groups = ownCopies().groups;
  for (; groups.size() > size_t(unfinished); groups.pop_front())
    for (const Copy &copy : groups.front()) {
      std::memset(copy.to, 0, size_t(copy.bytes));
      std::memcpy(copy.to, copy.from, size_t(copy.read));
    }
}

// PTX ISA, "Warp-level matrix load instruction: ldmatrix".
void mpc::test::emu_ldmatrix(void *row, int32_t transposed, uint32_t *out) {
  together(warpSize, row, out, [&](void **rows, void **outs) {
    for (int lane = 0; lane < 32; ++lane)
      for (int matrix = 0; matrix < 4; ++matrix)
        for (int i = 0; i < 2; ++i) {
          int first = lane / 4, second = lane % 4 * 2 + i;
          if (transposed)
            std::swap(first, second);
          auto *from = static_cast<char *>(rows[matrix * 8 + first]);
          auto *to = static_cast<char *>(outs[lane]);
          std::memcpy(to + matrix * 4 + i * 2, from + second * 2, 2);
        }
  });
}

// PTX ISA, "Matrix fragments for mma.m16n8k16 with floating point type": groups
// of four lanes have rows of A and D and columns of B.
void mpc::test::emu_mma(uint32_t *operands, float *sums, int32_t bf16) {
  together(warpSize, operands, sums, [&](void **in, void **out) {
    auto element = [&](int at, int depth, int number) {
      auto *patterns = static_cast<uint16_t *>(in[at % 8 * 4 + depth % 8 / 2]);
      return narrow(patterns[number + depth % 2], bf16);
    };
    float a[16][16], b[8][16];
    for (int depth = 0; depth < 16; ++depth) {
      for (int row = 0; row < 16; ++row)
        a[row][depth] = element(row, depth, depth / 8 * 4 + row / 8 * 2);
      for (int column = 0; column < 8; ++column)
        b[column][depth] = element(column, depth, 8 + depth / 8 * 2);
    }
    for (int row = 0; row < 16; ++row)
      for (int column = 0; column < 8; ++column) {
        int lane = row % 8 * 4 + column / 2;
        float &sum = static_cast<float *>(out[lane])[row / 8 * 2 + column % 2];
        for (int depth = 0; depth < 16; ++depth)
          sum += a[row][depth] * b[column][depth];
      }
  });
}
