// The instances of one op: a program whose inputs and outputs are those of all
// of them, and a file with arguments and what the results may be.
//
// Each instance has several sets of arguments. The file has tensors input.I.S,
// low.J.S, high.J.S and flags.J.S: of input I or output J of the program for
// set S. An input that is not there is that of set 0. Integers have `low`
// alone.
#ifndef MPC_TEST_GPU_NUMERICS_GROUP_H
#define MPC_TEST_GPU_NUMERICS_GROUP_H

#include "runtime/artifact/Container.h"
#include "test/numerics/Allowed.h"

namespace mpc::test {

/// The metadata with the list of instances, as JSON: objects with the members
/// of Instance.
inline constexpr std::string_view instancesKey = "instances";

struct Instance {
  std::string text; ///< as IR
  int inputs = 0;   ///< of the program's, behind those of the ones before
  int outputs = 0;
  int sets = 0;
};

class Group {
public:
  static mpcrt::Result<Group> open(const std::string &path);

  const std::vector<Instance> &instances() const { return list; }
  /// The bytes of an input for a set of arguments.
  std::span<const std::byte> input(int index, int set) const;
  Allowed allowed(int output, int set) const;
  mpcrt::DType outputType(int output) const;

private:
  explicit Group(mpcrt::Container file) : file(std::move(file)) {}
  const mpcrt::ContainerTensor *find(const char *what, int index,
                                     int set) const;

  mpcrt::Container file;
  std::vector<Instance> list;
};

} // namespace mpc::test

#endif
