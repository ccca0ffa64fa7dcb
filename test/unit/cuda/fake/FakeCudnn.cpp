#include "test/unit/cuda/fake/FakeCudnn.h"
#include "test/unit/cuda/fake/FakeMachine.h"
#include "test/unit/cuda/fake/FakeObjects.h"

#include <algorithm>

using namespace fakecudnn;

namespace {
constexpr int notSupported = 3000;
Fault fault = Fault::None;
fakecuda::Objects objects;

struct Shape {
  int type = 0, n = 0, c = 0, h = 0, w = 0;

  size_t at(int i, int j, int y, int x) const {
    return size_t(((i * c + j) * h + y) * w + x);
  }
  size_t count() const { return size_t(n) * size_t(c * h * w); }
};

struct Convolution {
  int padH = 0, padW = 0, strideH = 1, strideW = 1, dilationH = 1,
      dilationW = 1, groups = 1, math = 0;
};

struct Work {
  Shape x, w, y;
  Convolution how;

  // f(indices into x, w and y) for every product.
  template <typename Fn> void forEachProduct(Fn f) const {
    const int filters = w.n / how.groups;
    for (int n = 0; n < y.n; ++n)
      for (int k = 0; k < y.c; ++k)
        for (int row = 0; row < y.h; ++row)
          for (int column = 0; column < y.w; ++column)
            for (int c = 0; c < w.c; ++c)
              for (int i = 0; i < w.h; ++i)
                for (int j = 0; j < w.w; ++j) {
                  const int h =
                      row * how.strideH - how.padH + i * how.dilationH;
                  const int v =
                      column * how.strideW - how.padW + j * how.dilationW;
                  if (h >= 0 && h < x.h && v >= 0 && v < x.w)
                    f(x.at(n, k / filters * w.c + c, h, v), w.at(k, c, i, j),
                      y.at(n, k, row, column));
                }
  }
};

struct Handle {
  fakecuda::CUstream stream = nullptr;
};

int ask(const Shape *x, int algorithm, size_t *bytes) {
  *bytes = workspaceBytes;
  return fault == Fault::Workspace || x->type != 0 || algorithm != 1
             ? notSupported
             : 0;
}

// Enqueues work() if all is as this library wants it.
template <typename Fn>
int enqueue(const Handle *handle, const Convolution *how, const float *one,
            const float *zero, const void *workspace, size_t bytes, Fn work) {
  constexpr int fma = 3;
  if (fault == Fault::Convolution || *one != 1 || *zero != 0 || !workspace ||
      bytes != workspaceBytes || how->math != fma)
    return notSupported;
  fakecuda::streamOf(handle->stream)->add(work);
  return 0;
}
} // namespace

void fakecudnn::fail(Fault now) { fault = now; }
int fakecudnn::alive() { return objects.alive(); }

extern "C" {

int cudnnCreate(Handle **handle) {
  return fault == Fault::Start ? 1 : objects.create(handle);
}
int cudnnDestroy(Handle *handle) { return objects.destroy(handle); }
int cudnnSetStream(Handle *handle, fakecuda::CUstream stream) {
  handle->stream = stream;
  return 0;
}

int cudnnCreateTensorDescriptor(Shape **tensor) {
  return objects.create(tensor);
}
int cudnnDestroyTensorDescriptor(Shape *tensor) {
  return objects.destroy(tensor);
}
int cudnnSetTensor4dDescriptor(Shape *tensor, int format, int type, int n,
                               int c, int h, int w) {
  *tensor = {type, n, c, h, w};
  return format == 0 ? 0 : notSupported;
}
int cudnnCreateFilterDescriptor(Shape **filter) {
  return objects.create(filter);
}
int cudnnDestroyFilterDescriptor(Shape *filter) {
  return objects.destroy(filter);
}
int cudnnSetFilter4dDescriptor(Shape *filter, int type, int format, int k,
                               int c, int h, int w) {
  *filter = {type, k, c, h, w};
  return format == 0 ? 0 : notSupported;
}
int cudnnCreateActivationDescriptor(int **activation) {
  return objects.create(activation);
}
int cudnnDestroyActivationDescriptor(int *activation) {
  return objects.destroy(activation);
}
int cudnnSetActivationDescriptor(int *activation, int mode, int, double) {
  *activation = mode;
  return 0;
}

int cudnnCreateConvolutionDescriptor(Convolution **how) {
  return objects.create(how);
}
int cudnnDestroyConvolutionDescriptor(Convolution *how) {
  return objects.destroy(how);
}
int cudnnSetConvolution2dDescriptor(Convolution *how, int padH, int padW,
                                    int strideH, int strideW, int dilationH,
                                    int dilationW, int mode, int type) {
  *how = {padH, padW, strideH, strideW, dilationH, dilationW};
  return mode == 1 && type == 0 ? 0 : notSupported;
}
int cudnnSetConvolutionGroupCount(Convolution *how, int groups) {
  how->groups = groups;
  return 0;
}
int cudnnSetConvolutionMathType(Convolution *how, int math) {
  how->math = math;
  return 0;
}

int cudnnGetConvolutionForwardWorkspaceSize(Handle *, Shape *x, Shape *,
                                            Convolution *, Shape *,
                                            int algorithm, size_t *bytes) {
  return ask(x, algorithm, bytes);
}
int cudnnGetConvolutionBackwardDataWorkspaceSize(Handle *, Shape *w, Shape *,
                                                 Convolution *, Shape *,
                                                 int algorithm, size_t *bytes) {
  return ask(w, algorithm, bytes);
}
int cudnnGetConvolutionBackwardFilterWorkspaceSize(Handle *, Shape *x, Shape *,
                                                   Convolution *, Shape *,
                                                   int algorithm,
                                                   size_t *bytes) {
  return ask(x, algorithm, bytes);
}

int cudnnConvolutionForward(Handle *handle, const float *one, Shape *x,
                            const float *input, Shape *w, const float *weight,
                            Convolution *how, int, void *workspace,
                            size_t bytes, const float *zero, Shape *y,
                            float *result) {
  const Work work = {*x, *w, *y, *how};
  return enqueue(handle, how, one, zero, workspace, bytes, [=] {
    std::fill_n(result, work.y.count(), 0.0f);
    work.forEachProduct([&](size_t i, size_t j, size_t k) {
      result[k] += input[i] * weight[j];
    });
  });
}

int cudnnConvolutionBiasActivationForward(
    Handle *handle, const float *one, Shape *x, const float *input, Shape *w,
    const float *weight, Convolution *how, int algorithm, void *workspace,
    size_t bytes, const float *zero, Shape *z, const float *, Shape *b,
    const float *bias, int *activation, Shape *y, float *result) {
  constexpr int identity = 5;
  if (*activation != identity || b->n != 1 || b->c != y->c || b->h != 1 ||
      b->w != 1 || z->count() != y->count())
    return notSupported;
  const Shape shape = *y;
  const int refused =
      cudnnConvolutionForward(handle, one, x, input, w, weight, how, algorithm,
                              workspace, bytes, zero, y, result);
  if (refused)
    return refused;
  fakecuda::streamOf(handle->stream)->add([=] {
    for (size_t i = 0, plane = size_t(shape.h * shape.w); i < shape.count();
         ++i)
      result[i] += bias[i / plane % size_t(shape.c)];
  });
  return 0;
}

int cudnnConvolutionBackwardData(Handle *handle, const float *one, Shape *w,
                                 const float *weight, Shape *y,
                                 const float *gradient, Convolution *how, int,
                                 void *workspace, size_t bytes,
                                 const float *zero, Shape *x, float *result) {
  const Work work = {*x, *w, *y, *how};
  return enqueue(handle, how, one, zero, workspace, bytes, [=] {
    std::fill_n(result, work.x.count(), 0.0f);
    work.forEachProduct([&](size_t i, size_t j, size_t k) {
      result[i] += gradient[k] * weight[j];
    });
  });
}

int cudnnConvolutionBackwardFilter(Handle *handle, const float *one, Shape *x,
                                   const float *input, Shape *y,
                                   const float *gradient, Convolution *how, int,
                                   void *workspace, size_t bytes,
                                   const float *zero, Shape *w, float *result) {
  const Work work = {*x, *w, *y, *how};
  return enqueue(handle, how, one, zero, workspace, bytes, [=] {
    std::fill_n(result, work.w.count(), 0.0f);
    work.forEachProduct([&](size_t i, size_t j, size_t k) {
      result[j] += gradient[k] * input[i];
    });
  });
}

} // extern "C"
