// Compiles a training step again and again, with other tiles for its products.
#ifndef MPC_COMPILER_PIPELINE_TUNING_H
#define MPC_COMPILER_PIPELINE_TUNING_H

#include "compiler/pipeline/Options.h"

#include <map>
#include <memory>

namespace mpc {

class Session;

/// Products and tiles are texts as `mpc-choose-tiles` takes them.
class Tuning {
public:
  explicit Tuning(const CompileOptions &options);
  ~Tuning();

  /// Imports the model and fixes all types. Returns the exit code, as all here;
  /// what went wrong is printed.
  int prepare();
  /// Writes the step for sm_90a to `path`, with these tiles by product.
  int compile(const std::map<std::string, std::string> &tiles,
              const std::string &path);
  /// Of the step that was compiled last: the products of its kernels, by the
  /// kernels' functions.
  const std::map<std::string, std::string> &products() const { return found; }
  /// At most `count` tiles that a product may be fastest with; first the one
  /// that the compiler chooses.
  static std::vector<std::string> candidates(const std::string &product,
                                             size_t count);

private:
  CompileOptions options;
  std::unique_ptr<Session> session; ///< of `options`
  std::string report;
  std::map<std::string, std::string> found;
};

} // namespace mpc

#endif
