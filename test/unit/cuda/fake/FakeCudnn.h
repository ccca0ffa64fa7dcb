// A libcudnn.so.9 for the fake driver: convolutions of f32 by algorithm 1, as
// its header says that they are described.
#ifndef MPC_TEST_UNIT_CUDA_FAKE_FAKECUDNN_H
#define MPC_TEST_UNIT_CUDA_FAKE_FAKECUDNN_H

namespace fakecudnn {

/// What goes wrong: nothing, cudnnCreate, the question for a workspace, or the
/// convolution when it is enqueued.
enum class Fault { None, Start, Workspace, Convolution };
void fail(Fault fault);
/// Handles and descriptors that are not destroyed.
int alive();
/// Bytes of workspace that its algorithms take.
inline constexpr int workspaceBytes = 2048;

} // namespace fakecudnn

#endif // MPC_TEST_UNIT_CUDA_FAKE_FAKECUDNN_H
