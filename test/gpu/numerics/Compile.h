// From the text of a forward function to an artifact for one target.
#ifndef MPC_TEST_GPU_NUMERICS_COMPILE_H
#define MPC_TEST_GPU_NUMERICS_COMPILE_H

#include <string>

namespace mpc::test {

/// Compiles a module as the cast phase leaves it. False with a message on
/// stderr if that fails.
bool compileArtifact(const std::string &text, const std::string &name,
                     const std::string &target, const std::string &path);

} // namespace mpc::test

#endif
