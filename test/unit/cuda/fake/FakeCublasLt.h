// A libcublasLt.so.13 for the fake driver: products of f32, as its header says
// that they are described.
#ifndef MPC_TEST_UNIT_CUDA_FAKE_FAKECUBLASLT_H
#define MPC_TEST_UNIT_CUDA_FAKE_FAKECUBLASLT_H

namespace fakecublaslt {

/// What goes wrong: nothing, cublasLtCreate, the heuristics (which then give
/// nothing), or the product when it is enqueued.
enum class Fault { None, Start, Heuristics, Product };
void fail(Fault fault);
/// Handles, descriptors, layouts and preferences that are not destroyed.
int alive();
/// Bytes of workspace that its one algorithm takes.
inline constexpr int workspaceBytes = 1024;

} // namespace fakecublaslt

#endif // MPC_TEST_UNIT_CUDA_FAKE_FAKECUBLASLT_H
