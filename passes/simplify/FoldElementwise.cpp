// Constants that are computed with, element by element. Floats are widened to
// f32 and each result is rounded once, as everywhere; only operations that IEEE
// 754 rounds correctly are done, so that no number depends on who computes it.
#include "compiler/dialect/Relations.h"
#include "passes/simplify/ConstantFolding.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

namespace {
/// A scalar operand or result: a float in f32, or an integer.
struct Number {
  float real = 0;
  int64_t whole = 0;
};
using Numbers = ArrayRef<Number>;
/// What an op does with the elements at one place.
using Formula = std::function<Number(Numbers)>;
} // namespace

static Number real(float value) { return {value, 0}; }
static Number whole(int64_t value) { return {0, value}; }

static Number read(Attribute element) {
  if (auto integer = dyn_cast<IntegerAttr>(element)) {
    const APInt &bits = integer.getValue();
    return whole(bits.getBitWidth() == 1 ? bits.getZExtValue()
                                         : bits.getSExtValue());
  }
  APFloat value = cast<FloatAttr>(element).getValue();
  bool inexact = false;
  value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &inexact);
  return real(value.convertToFloat());
}

// Rounds to the nearest number of `type`; an integer wraps.
static Attribute write(Number number, Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerAttr::get(type,
                            APInt(integer.getWidth(), uint64_t(number.whole),
                                  /*isSigned=*/false, /*implicitTrunc=*/true));
  APFloat value(number.real);
  bool inexact = false;
  value.convert(cast<FloatType>(type).getFloatSemantics(),
                APFloat::rmNearestTiesToEven, &inexact);
  return FloatAttr::get(type, value);
}

// A formula of two operands, one for floats and one for integers of 64 bits
// without a sign, so that they wrap.
template <typename OfFloats, typename OfIntegers>
static Formula binary(bool isFloat, OfFloats ofFloats, OfIntegers ofIntegers) {
  if (isFloat)
    return [=](Numbers n) { return real(ofFloats(n[0].real, n[1].real)); };
  return [=](Numbers n) {
    return whole(
        int64_t(ofIntegers(uint64_t(n[0].whole), uint64_t(n[1].whole))));
  };
}

// NaN if either is NaN.
static float larger(float a, float b) { return std::isnan(a) || a > b ? a : b; }

// Towards 0 for integers, and 0 where the divisor is 0.
static int64_t quotient(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  return b == -1 ? int64_t(0 - uint64_t(a)) : a / b;
}

static Formula conversion(ConvertOp op) {
  Type from = elementTypeOf(op.getInput()), to = elementTypeOf(op.getResult());
  if (isa<FloatType>(to))
    return [](Numbers n) { return real(static_cast<float>(n[0].whole)); };
  bool isFloat = isa<FloatType>(from);
  if (to.isInteger(1))
    return [=](Numbers n) {
      return whole(isFloat ? n[0].real != 0 : n[0].whole != 0);
    };
  if (isFloat)
    return nullptr; // saturates; no model's constants need it
  return [](Numbers n) { return n[0]; };
}

static Formula unaryFormula(UnaryFunction function) {
  switch (function) {
  case UnaryFunction::Abs:
    return [](Numbers n) { return real(std::fabs(n[0].real)); };
  case UnaryFunction::Floor:
    return [](Numbers n) { return real(std::floor(n[0].real)); };
  case UnaryFunction::Ceil:
    return [](Numbers n) { return real(std::ceil(n[0].real)); };
  case UnaryFunction::Reciprocal:
    return [](Numbers n) { return real(1 / n[0].real); };
  default:
    return nullptr;
  }
}

static Formula formulaOf(Operation *op) {
  bool isFloat = isa<FloatType>(elementTypeOf(op->getOperand(0)));
  using W = uint64_t; // integers that wrap
  return llvm::TypeSwitch<Operation *, Formula>(op)
      .Case<AddOp>([&](auto) {
        return binary(isFloat, std::plus<float>(), std::plus<W>());
      })
      .Case<SubOp>([&](auto) {
        return binary(isFloat, std::minus<float>(), std::minus<W>());
      })
      .Case<MulOp>([&](auto) {
        return binary(isFloat, std::multiplies<float>(), std::multiplies<W>());
      })
      .Case<MaxOp>([&](auto) {
        return binary(isFloat, larger,
                      [](W a, W b) { return int64_t(a) > int64_t(b) ? a : b; });
      })
      .Case<MinOp>([&](auto) {
        return binary(
            isFloat, [](float a, float b) { return -larger(-a, -b); },
            [](W a, W b) { return int64_t(a) < int64_t(b) ? a : b; });
      })
      .Case<AndOp>([&](auto) {
        return binary(false, std::plus<float>(), std::bit_and<W>());
      })
      .Case<OrOp>([&](auto) {
        return binary(false, std::plus<float>(), std::bit_or<W>());
      })
      .Case<XorOp>([&](auto) {
        return binary(false, std::plus<float>(), std::bit_xor<W>());
      })
      .Case<DivOp>([&](auto) {
        return binary(isFloat, std::divides<float>(), [](W a, W b) {
          return quotient(int64_t(a), int64_t(b));
        });
      })
      .Case<NegOp>([&](auto) -> Formula {
        return [](Numbers n) { return real(-n[0].real); };
      })
      .Case<SqrtOp>([&](auto) -> Formula {
        return [](Numbers n) { return real(std::sqrt(n[0].real)); };
      })
      .Case<CastOp>(
          [&](auto) -> Formula { return [](Numbers n) { return n[0]; }; })
      .Case<NotOp>([&](auto) -> Formula {
        return [](Numbers n) { return whole(!n[0].whole); };
      })
      .Case<IsNanOp>([&](auto) -> Formula {
        return [](Numbers n) { return whole(std::isnan(n[0].real)); };
      })
      .Case<CompareOp>([&](CompareOp compare) -> Formula {
        ComparePredicate p = compare.getPredicate();
        return [p, isFloat](Numbers n) {
          return whole(isFloat ? holds(p, n[0].real, n[1].real)
                               : holds(p, n[0].whole, n[1].whole));
        };
      })
      .Case<SelectOp>([&](auto) -> Formula {
        return [](Numbers n) { return n[0].whole ? n[1] : n[2]; };
      })
      .Case<ConvertOp>([&](ConvertOp convert) { return conversion(convert); })
      .Case<UnaryOp>(
          [&](UnaryOp unary) { return unaryFormula(unary.getFunction()); })
      .Default(Formula());
}

DenseElementsAttr mpc::foldElementwise(Operation *op,
                                       ArrayRef<DenseElementsAttr> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Formula formula = formulaOf(op);
  if (!formula)
    return {};
  bool isSplat = llvm::all_of(
      operands, [](DenseElementsAttr value) { return value.isSplat(); });
  // A tensor of one number is computed once, of whatever size it is.
  Shape shape = isSplat ? Shape() : Shape(type.getShape());
  SmallVector<SmallVector<Number>> columns;
  for (DenseElementsAttr value : operands) {
    SmallVector<Number> numbers, column;
    if (isSplat) {
      column.push_back(read(value.getSplatValue<Attribute>()));
    } else {
      for (Attribute element : value.getValues<Attribute>())
        numbers.push_back(read(element));
      for (int64_t at :
           walk(shape, broadcastStrides(value.getType().getShape(), shape)))
        column.push_back(numbers[at]);
    }
    columns.push_back(std::move(column));
  }
  SmallVector<Attribute> results;
  SmallVector<Number> row(operands.size());
  for (int64_t i = 0; i < elementCount(shape); ++i) {
    for (auto [number, column] : llvm::zip(row, columns))
      number = column[i];
    results.push_back(write(formula(row), type.getElementType()));
  }
  return DenseElementsAttr::get(type, results);
}
