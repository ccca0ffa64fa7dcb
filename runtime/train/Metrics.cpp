#include "runtime/train/Metrics.h"

#include "runtime/train/Convert.h"

#include <cmath>
#include <cstdlib>

namespace mpcrt::train {
namespace {

double squaredError(double x, double y) { return (x - y) * (x - y); }
double absoluteError(double x, double y) { return std::abs(x - y); }
/// Huber's loss with delta 1.
double huber(double x, double y) {
  double distance = std::abs(x - y);
  return distance <= 1 ? 0.5 * distance * distance : distance - 0.5;
}
/// -(y log s(x) + (1 - y) log(1 - s(x))) for the logistic s, without overflow.
double logisticLoss(double x, double y) {
  return std::fmax(x, 0) - x * y + std::log1p(std::exp(-std::abs(x)));
}

struct ValueLoss {
  const char *name;
  double (*function)(double, double);
};
constexpr ValueLoss valueLosses[] = {{"mse", squaredError},
                                     {"l1", absoluteError},
                                     {"huber", huber},
                                     {"bce-logits", logisticLoss}};

bool fits(const TensorSpec &output, const LabelSpec &label) {
  std::vector<int64_t> shape = output.shape;
  if (label.classes > 0) {
    if (label.classAxis < 1 || size_t(label.classAxis) >= shape.size() ||
        shape[size_t(label.classAxis)] != label.classes)
      return false;
    shape.erase(shape.begin() + label.classAxis);
  }
  return !shape.empty() && shape == label.tensor.shape;
}

} // namespace

Status Metrics::create(const Program &program) {
  std::string loss = program.training().loss;
  if (!program.label())
    return failure(MPCRT_USAGE, "the model has no labels, so there is nothing "
                                "to compare its outputs with");
  spec = *program.label();
  batch = program.batch();
  smoothing = program.training().label_smoothing;
  valueLoss = nullptr;
  for (const ValueLoss &row : valueLosses)
    if (loss == row.name)
      valueLoss = row.function;
  if (spec.classes > 0 ? loss != "cross-entropy" : !valueLoss)
    return failure(MPCRT_USAGE, "cannot compute loss '", loss,
                   "' from outputs; expected cross-entropy, mse, l1, huber or "
                   "bce-logits");
  // A negative axis counts from the end; all outputs are tried with their rank.
  int axis = spec.classAxis;
  for (size_t i = 0; i < program.outputs().size(); ++i) {
    output = program.outputs()[i];
    outputIndex = i;
    spec.classAxis = axis < 0 ? axis + int(output.shape.size()) : axis;
    if (fits(output, spec))
      return {};
  }
  return failure(MPCRT_USAGE, "no output fits the label's shape ",
                 shapeText(spec.tensor.shape));
}

void Metrics::add(const void *const *outputs, const void *label,
                  int64_t samples) {
  const std::byte *y = static_cast<const std::byte *>(label);
  const std::byte *x = static_cast<const std::byte *>(outputs[outputIndex]);
  if (spec.classes > 0)
    addClasses(x, y, samples);
  else
    addValues(x, y, samples);
}

void Metrics::addClasses(const std::byte *x, const std::byte *y,
                         int64_t samples) {
  size_t axis = size_t(spec.classAxis);
  std::span<const int64_t> shape = output.shape;
  int64_t classes = spec.classes;
  int64_t inner = elementCount(shape.subspan(axis + 1));
  int64_t outer = elementCount(shape.first(axis)) / batch * samples;
  std::vector<double> scores(size_t(classes), 0);
  for (int64_t row = 0; row < outer * inner; ++row) {
    int64_t wanted = elementAsInteger(spec.tensor.dtype, y, size_t(row));
    if (wanted == spec.ignoreIndex)
      continue;
    int64_t first = row / inner * classes * inner + row % inner;
    size_t best = 0;
    for (size_t c = 0; c < scores.size(); ++c) {
      scores[c] =
          elementAsDouble(output.dtype, x, size_t(first) + c * size_t(inner));
      if (scores[c] > scores[best])
        best = c;
    }
    // log(sum exp(s)) - s[wanted], shifted by the largest score; the smoothed
    // share takes the mean of all classes in place of s[wanted].
    double sum = 0, mean = 0;
    for (double score : scores) {
      sum += std::exp(score - scores[best]);
      mean += score / double(classes);
    }
    double target = scores[size_t(wanted)];
    if (smoothing != 0)
      target = (1 - smoothing) * target + smoothing * mean;
    lossSum += std::log(sum) + scores[best] - target;
    correct += int64_t(best) == wanted && !std::isnan(scores[best]);
    ++labels;
  }
}

void Metrics::addValues(const std::byte *x, const std::byte *y,
                        int64_t samples) {
  int64_t count = elementCount(output.shape) / batch * samples;
  for (int64_t i = 0; i < count; ++i)
    lossSum += valueLoss(elementAsDouble(output.dtype, x, size_t(i)),
                         elementAsDouble(spec.tensor.dtype, y, size_t(i)));
  labels += count;
}

} // namespace mpcrt::train
