#include "runtime/src/Hyper.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

namespace mpcrt {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

enum class Form { Any, Integer, PowerOfTwo };

struct Range {
  std::string_view name;
  double least, most;
  bool leastAllowed, mostAllowed;
  Form form = Form::Any;
};

// An infinite bound that is not allowed stands for "finite".
constexpr Range table[] = {
    {"lr", 0, infinity, true, false},
    {"momentum", 0, 1, true, false},
    {"beta1", 0, 1, true, false},
    {"beta2", 0, 1, true, false},
    {"eps", 0, infinity, false, false},
    {"weight_decay", 0, infinity, true, false},
    {"clip_norm", 0, infinity, false, false},
    {"scale_growth_factor", 1, infinity, true, false, Form::PowerOfTwo},
    {"scale_growth_interval", 1, 16777216, true, true, Form::Integer},
    {"scale_backoff_factor", 0, 1, false, true, Form::PowerOfTwo},
    {"scale_hysteresis", 1, 16777216, true, true, Form::Integer},
    {"scale_min", 0, infinity, false, false, Form::PowerOfTwo},
    {"scale_max", 0, infinity, false, false, Form::PowerOfTwo},
};

std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string rangeText(const Range &range) {
  std::string text;
  if (range.form == Form::Integer)
    text = "an integer ";
  else if (range.form == Form::PowerOfTwo)
    text = "a power of two ";
  else
    text = "a finite number ";
  if (range.least != -infinity)
    text += (range.leastAllowed ? "of at least " : "above ") +
            numberText(range.least);
  if (range.most != infinity)
    text += (range.mostAllowed ? " and at most " : " and below ") +
            numberText(range.most);
  return text;
}

bool hasForm(double value, Form form) {
  int exponent;
  switch (form) {
  case Form::Any:
    return true;
  case Form::Integer:
    return value == std::floor(value);
  case Form::PowerOfTwo:
    return std::frexp(value, &exponent) == 0.5;
  }
  return false;
}

bool allows(const Range &range, double value) {
  bool above = range.leastAllowed ? value >= range.least : value > range.least;
  bool below = range.mostAllowed ? value <= range.most : value < range.most;
  return std::isfinite(value) && above && below && hasForm(value, range.form);
}

Range rangeOf(std::string_view name, const HyperLimits &limits) {
  if (name == "loss_scale")
    return {name, limits.minScale, limits.maxScale, true,
            true, Form::PowerOfTwo};
  for (const Range &range : table)
    if (range.name == name)
      return range;
  return {name, -infinity, infinity, false, false};
}
} // namespace

Status checkHyper(std::string_view name, double value,
                  const HyperLimits &limits) {
  Range range = rangeOf(name, limits);
  if (allows(range, double(float(value))))
    return Status();
  return Status(Code::Usage, std::string(name) + " cannot be " +
                                 numberText(value) + "; expected " +
                                 rangeText(range));
}

} // namespace mpcrt
