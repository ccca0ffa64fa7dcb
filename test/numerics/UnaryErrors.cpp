#include "test/numerics/UnaryErrors.h"
#include <cmath>
#include <sstream>

using namespace mpc;
using F = UnaryFunction;

llvm::ArrayRef<test::UnaryError> test::unaryErrors() {
  static const UnaryError rows[] = {
      {F::Abs, 0},
      {F::Sign, 0},
      {F::Floor, 0},
      {F::Ceil, 0},
      {F::Round, 0},
      {F::Reciprocal, 0.5},
      {F::Exp, 1},
      {F::Log, 1.25},
      {F::Sin, 3},
      {F::Cos, 3},
      {F::Tan, 5},
      {F::Asin, 2.5},
      {F::Acos, 1.5},
      {F::Atan, 1.5},
      {F::Sinh, 2},
      {F::Cosh, 1.5},
      {F::Tanh, 2.5},
      {F::Asinh, 2.5},
      {F::Acosh, 2.5},
      {F::Atanh, 3},
      {F::Erf, 1},
      {F::Sigmoid, 3},
      {F::Softplus, 2.5},
      {F::Softsign, 1.5},
      {F::Silu, 4, 105},
      {F::Mish, 5, 105},
      {F::Gelu, 5, 15},
      {F::GeluTanh, 5, 11},
      {F::Elu, 2, 0, 1.25f},
      {F::Selu, 2.5, 0, 1.6732632423543772f, 1.0507009873554805f},
      {F::Celu, 2.5, 0, 1.25f},
      {F::LeakyRelu, 0.5, 0, 0.01f},
      {F::ThresholdedRelu, 0, 0, 1.5f},
      {F::HardSigmoid, 0.5, 0, 0.2f, 0.5f},
      {F::HardSwish, 2},
      {F::Shrink, 0.5, 0, 0.5f, 0.25f}};
  return rows;
}

static std::string alphaAndBeta(const test::UnaryError &row) {
  std::ostringstream text;
  text.precision(9);
  text << std::scientific << "alpha = " << row.alpha
       << " : f32, beta = " << row.beta << " : f32";
  return text.str();
}

std::string test::functionAttributes(const UnaryError &row) {
  return "function = #mpc<function " +
         stringifyUnaryFunction(row.function).str() + ">, " + alphaAndBeta(row);
}

std::string test::parametersOf(const UnaryError &row) {
  return "{" + alphaAndBeta(row) + "}";
}

const test::UnaryError &test::unaryError(F function) {
  for (const UnaryError &row : unaryErrors())
    if (row.function == function)
      return row;
  llvm_unreachable("every function has a row");
}

std::optional<double> test::ShortError::in(formats::FloatFormat format) const {
  int log = format == formats::FloatFormat::F16    ? f16
            : format == formats::FloatFormat::BF16 ? bf16
                                                   : 0;
  if (log == 0)
    return std::nullopt;
  return std::ldexp(1.0, log);
}

llvm::ArrayRef<test::ShortErrors> test::shortErrors() {
  static const ShortErrors rows[] = {{F::Exp, {-18, -17}, {}},
                                     {F::Log, {-18, -18}, {}},
                                     {F::Sin, {-18, -18}, {-18, -18}},
                                     {F::Cos, {-18, -18}, {-18, -18}},
                                     {F::Tan, {-17, -17}, {}},
                                     {F::Asin, {-18, -18}, {-19, -19}},
                                     {F::Acos, {-18, -18}, {-19, -19}},
                                     {F::Atan, {-18, -18}, {-19, -19}},
                                     {F::Sinh, {-20, -20}, {-20, -20}},
                                     {F::Cosh, {-20, -20}, {-20, -20}},
                                     {F::Asinh, {-17, -12}, {-19, -19}},
                                     {F::Acosh, {-17, -12}, {-19, -19}},
                                     {F::Atanh, {-18, -18}, {-19, -19}},
                                     {F::Erf, {-17, -17}, {-16, -16}},
                                     {F::Elu, {-19, -19}, {-17, -17}},
                                     {F::Selu, {-19, -19}, {-17, -17}},
                                     {F::Celu, {-19, -19}, {-17, -17}},
                                     {F::Tanh, {-17, -17}, {}},
                                     {F::Sigmoid, {-17, -17}, {}},
                                     {F::Softplus, {-17, -17}, {-17, -17}},
                                     {F::Softsign, {-19, -19}, {-18, -18}},
                                     {F::Silu, {-17, -17}, {-16, -16}},
                                     {F::Mish, {-17, -17}, {-16, -16}},
                                     {F::Gelu, {-16, -12}, {-16, -12}},
                                     {F::GeluTanh, {-17, -17}, {-16, -16}},
                                     {F::HardSwish, {-22, -22}, {}}};
  return rows;
}

test::ShortErrors test::shortErrors(F function) {
  for (const ShortErrors &row : shortErrors())
    if (row.function == function)
      return row;
  return {function, {}, {}};
}
