// Values whose dimensions have labels, as in Einsum, and what is done to them.
#ifndef MPC_FRONTEND_RULES_TERMS_H
#define MPC_FRONTEND_RULES_TERMS_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

/// A value with one character per dimension; all differ, but where
/// takeDiagonal says otherwise.
struct Term {
  mlir::Value value;
  std::string labels;

  int64_t extent(char label) const {
    return shapeOf(value)[labels.find(label)];
  }
};

bool hasLabel(const std::string &labels, char label);
/// The labels of `from` that satisfy `isWanted`, in their order.
std::string selectLabels(const std::string &from,
                         llvm::function_ref<bool(char)> isWanted);

/// Replaces dimensions `first` and `second`, of equal extent and label, by one:
/// the elements at equal indices. It comes last.
Term takeDiagonal(NodeImport &node, const Term &term, size_t first,
                  size_t second);
/// Sums over the dimensions whose label is not kept.
Term sumOut(NodeImport &node, const Term &term,
            llvm::function_ref<bool(char)> isKept);
/// The same with its dimensions in the order of `labels`.
Term permute(NodeImport &node, const Term &term, const std::string &labels);
/// The product of two terms that share the labels of `batch` and no others.
Term multiply(NodeImport &node, const Term &left, const Term &right,
              const std::string &batch);
/// The product summed over the labels of `summed`, which both have.
Term contract(NodeImport &node, const Term &left, const Term &right,
              const std::string &batch, const std::string &summed);

} // namespace mpc::frontend

#endif
