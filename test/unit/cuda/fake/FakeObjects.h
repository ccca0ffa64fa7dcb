// Handles and descriptors of a fake library, counted.
#ifndef MPC_TEST_UNIT_CUDA_FAKE_FAKEOBJECTS_H
#define MPC_TEST_UNIT_CUDA_FAKE_FAKEOBJECTS_H

namespace fakecuda {

/// Each library has one of its own.
class Objects {
public:
  /// 0, as of a function that succeeds.
  template <typename T> int create(T **object, T value = T()) {
    ++count;
    *object = new T(value);
    return 0;
  }
  template <typename T> int destroy(T *object) {
    --count;
    delete object;
    return 0;
  }
  int alive() const { return count; }

private:
  int count = 0;
};

} // namespace fakecuda

#endif // MPC_TEST_UNIT_CUDA_FAKE_FAKEOBJECTS_H
