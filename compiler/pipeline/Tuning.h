// Compiles a training step again and again, with other tiles for its products.
#ifndef MPC_COMPILER_PIPELINE_TUNING_H
#define MPC_COMPILER_PIPELINE_TUNING_H

#include "compiler/pipeline/KernelTable.h"
#include "compiler/pipeline/Options.h"

#include <map>
#include <memory>

namespace mpc {

class Session;

/// Looks for the fastest tiles in rounds. Each compiles the whole step with one
/// tile for every product, so that what is measured is what will run, epilogues
/// and all; the first round has the tiles that the compiler chooses.
class Tuning {
public:
  /// At most `candidates` tiles are tried per product.
  Tuning(const CompileOptions &options, size_t candidates);
  ~Tuning();

  /// Imports the model and fixes all types. Returns the exit code, as does
  /// compile(); what went wrong is printed.
  int prepare();
  /// Whether a tile is left to try.
  bool hasRound() const;
  /// Writes the step of this round, for sm_90a, to `path`.
  int compile(const std::string &path);
  /// Ends the round: seconds of its launches, by the kernels' functions.
  void take(const std::vector<std::pair<std::string, double>> &launches);
  /// The fastest tiles so far. Another than the compiler's is taken only if it
  /// is faster by more than clocks and caches vary.
  KernelTable table(const std::string &device) const;

private:
  struct Product {
    std::vector<std::string> tiles; ///< to try, one per round
    KernelTableEntry best;
  };

  CompileOptions options;
  const size_t candidates;
  std::unique_ptr<Session> session; ///< of `options`
  std::string report;
  size_t round = 0;
  std::map<std::string, std::string> functions; ///< and their products
  std::map<std::string, Product> products;
};

} // namespace mpc

#endif
