// Constants and attributes as JSON models write them.
#ifndef MPC_FRONTEND_MODEL_JSONVALUES_H
#define MPC_FRONTEND_MODEL_JSONVALUES_H

#include "frontend/model/Graph.h"
#include "frontend/model/Json.h"

namespace mpc::frontend {

/// No constant that `shape` fills may have more elements.
inline constexpr int64_t largestFill = 1 << 20;
/// How a constant is written.
inline constexpr const char *constantForms =
    "a number, a list of numbers, or {\"value\": ..., \"dtype\": \"int64\"}";

/// Reads a number, a list (of lists) of numbers, or an object of `value`,
/// `dtype` (float32 by default, or int64, int32 or bool) and, to repeat one
/// number, `shape`. Nothing if it is none of these; then `problem` says what is
/// wrong.
std::optional<Tensor> readConstant(const Json &json, std::string &problem);

/// Reads an attribute of an ONNX node: a number, a text, true or false, or a
/// list of numbers or texts. False if it is none of these.
bool readAttribute(const Json &json, Attribute &attribute);

/// Reads extents: whole numbers of at least 1.
std::optional<std::vector<int64_t>> readExtents(const Json &json);

} // namespace mpc::frontend

#endif
