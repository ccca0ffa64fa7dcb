// `--config F.json`: an object whose keys are the long option names.
#ifndef MPC_TOOLS_MPC_CONFIG_H
#define MPC_TOOLS_MPC_CONFIG_H

#include "runtime/artifact/Status.h"
#include <string>
#include <vector>

namespace mpc {

/// A command line in which `--config F` is followed by what F says: strings and
/// numbers become `--key=value`, true becomes `--key`, false and null nothing,
/// and arrays repeat the option. What stands on the command line itself goes
/// behind, so that it is later and wins; of lists, `--target` there replaces
/// the file's and a `--shape` the one of the same name. Code::File if F cannot
/// be read, Code::Usage if it is no JSON object.
mpcrt::Result<std::vector<std::string>>
expandConfig(const std::vector<std::string> &arguments);

} // namespace mpc

#endif
