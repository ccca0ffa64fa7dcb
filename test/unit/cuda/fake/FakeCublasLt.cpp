#include "test/unit/cuda/fake/FakeCublasLt.h"
#include "test/unit/cuda/fake/FakeMachine.h"
#include "test/unit/cuda/fake/FakeObjects.h"

#include <cstring>

using namespace fakecublaslt;

namespace {
constexpr int notSupported = 15;
Fault fault = Fault::None;
fakecuda::Objects objects;

// Columns lie one after another.
struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t pitch;
  int32_t batch = 1;
  int64_t stride = 0;

  size_t at(size_t row, size_t column) const {
    return column * size_t(pitch) + row;
  }
};

struct Descriptor {
  int32_t transA = 0, transB = 0, epilogue = 1;
  const float *bias = nullptr;
};

struct Heuristic {
  uint64_t algorithm[8];
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

struct Call {
  Descriptor how;
  Layout a, b, result;
  float alpha;
  const float *aData, *bData;
  float *resultData;

  void run() const {
    for (size_t i = 0; i < size_t(result.batch); ++i)
      for (size_t row = 0; row < result.rows; ++row)
        for (size_t column = 0; column < result.columns; ++column)
          resultData[i * size_t(result.stride) + result.at(row, column)] =
              alpha * sum(i, row, column) + (how.bias ? how.bias[row] : 0);
  }
  float sum(size_t i, size_t row, size_t column) const {
    float sum = 0;
    for (size_t k = 0, n = how.transA ? a.rows : a.columns; k < n; ++k)
      sum += aData[i * size_t(a.stride) +
                   (how.transA ? a.at(k, row) : a.at(row, k))] *
             bData[i * size_t(b.stride) +
                   (how.transB ? b.at(column, k) : b.at(k, column))];
    return sum;
  }
};

} // namespace

void fakecublaslt::fail(Fault now) { fault = now; }
int fakecublaslt::alive() { return objects.alive(); }

extern "C" {

int cublasLtCreate(int **handle) {
  return fault == Fault::Start ? 1 : objects.create(handle, 0);
}
int cublasLtDestroy(int *handle) { return objects.destroy(handle); }

int cublasLtMatrixLayoutCreate(Layout **layout, int type, uint64_t rows,
                               uint64_t columns, int64_t pitch) {
  return objects.create(layout, {type, rows, columns, pitch});
}
int cublasLtMatrixLayoutDestroy(Layout *layout) {
  return objects.destroy(layout);
}
int cublasLtMatrixLayoutSetAttribute(Layout *layout, int attribute,
                                     const void *value, size_t bytes) {
  if (attribute == 5 && bytes == sizeof layout->batch)
    std::memcpy(&layout->batch, value, bytes);
  else if (attribute == 6 && bytes == sizeof layout->stride)
    std::memcpy(&layout->stride, value, bytes);
  else
    return notSupported;
  return 0;
}

int cublasLtMatmulDescCreate(Descriptor **descriptor, int, int) {
  return objects.create(descriptor, Descriptor());
}
int cublasLtMatmulDescDestroy(Descriptor *descriptor) {
  return objects.destroy(descriptor);
}
int cublasLtMatmulDescSetAttribute(Descriptor *descriptor, int attribute,
                                   const void *value, size_t bytes) {
  int32_t *number = attribute == 3   ? &descriptor->transA
                    : attribute == 4 ? &descriptor->transB
                    : attribute == 7 ? &descriptor->epilogue
                                     : nullptr;
  if (number && bytes == sizeof *number)
    std::memcpy(number, value, bytes);
  else if (attribute == 8 && bytes == sizeof descriptor->bias)
    std::memcpy(&descriptor->bias, value, bytes);
  else
    return notSupported;
  return 0;
}

int cublasLtMatmulPreferenceCreate(int **preference) {
  return objects.create(preference, 0);
}
int cublasLtMatmulPreferenceDestroy(int *preference) {
  return objects.destroy(preference);
}
int cublasLtMatmulPreferenceSetAttribute(int *, int, const void *, size_t) {
  return 0;
}

int cublasLtMatmulAlgoGetHeuristic(int *, Descriptor *, Layout *a, Layout *,
                                   Layout *, Layout *, int *, int,
                                   Heuristic *result, int *count) {
  *result = {{}, workspaceBytes, 0, 0, {}};
  *count = a->type == 0 && fault != Fault::Heuristics;
  return *count ? 0 : notSupported;
}

int cublasLtMatmul(int *, Descriptor *how, const float *alpha, const float *a,
                   Layout *layoutA, const float *b, Layout *layoutB,
                   const float *beta, const float *, Layout *, float *result,
                   Layout *layout, const void *, void *workspace, size_t bytes,
                   fakecuda::CUstream stream) {
  if (fault == Fault::Product || *beta != 0 || !workspace ||
      bytes != workspaceBytes || (how->epilogue == 4) != !!how->bias)
    return notSupported;
  const Call call = {*how, *layoutA, *layoutB, *layout, *alpha, a, b, result};
  fakecuda::streamOf(stream)->add([call] { call.run(); });
  return 0;
}

} // extern "C"
