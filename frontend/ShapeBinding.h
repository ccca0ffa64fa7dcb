// `--shape`: gives a number to every extent that a model leaves open.
#ifndef MPC_FRONTEND_SHAPEBINDING_H
#define MPC_FRONTEND_SHAPEBINDING_H

#include "frontend/model/Graph.h"

namespace mpc::frontend {

/// The numbers bound to symbols and inputs.
class ShapeBinding {
public:
  /// Parses "SYMBOL=N" and "INPUT=AxBxC"; what is malformed, unknown or
  /// contradictory becomes a problem. What they leave open is taken from
  /// `arrays`, shapes by input.
  ShapeBinding(const Graph &graph, const std::vector<std::string> &options,
               const std::map<std::string, std::vector<int64_t>> &arrays,
               Problems &problems);

  /// The static shape of an input, or nothing if an extent is unbound.
  std::optional<std::vector<int64_t>> shapeOf(const ValueInfo &input) const;

  /// Reports every unbound extent of the model's inputs, in one problem.
  void reportUnbound(const Graph &graph, Problems &problems) const;

private:
  void bind(const Graph &graph, const std::string &option, Problems &problems);
  void bindInput(const ValueInfo &input, const std::string &option,
                 const std::vector<int64_t> &extents, Problems &problems);
  void bindArray(const ValueInfo &input, const std::vector<int64_t> &shape);
  void bindSymbol(const std::string &symbol, int64_t extent,
                  Problems &problems);

  std::map<std::string, int64_t> symbols;
  std::map<std::string, int64_t> defaults;
  std::map<std::string, std::vector<int64_t>> inputs;
};

} // namespace mpc::frontend

#endif
