// Finds what a mistyped name was meant to be.
#ifndef MPC_FRONTEND_MODEL_NEAREST_H
#define MPC_FRONTEND_MODEL_NEAREST_H

#include <string>
#include <vector>

namespace mpc::frontend {

/// The candidate that `word` was probably meant to be, or an empty text. Case
/// and underscores do not count; up to a third of the letters may differ, and
/// one may be the beginning of the other.
std::string nearest(const std::string &word,
                    const std::vector<std::string> &candidates);

/// Whether the words differ in capitals and underscores at most.
bool hasSameLetters(const std::string &one, const std::string &other);

} // namespace mpc::frontend

#endif
