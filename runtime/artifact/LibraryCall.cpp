#include "runtime/artifact/LibraryCall.h"
#include "runtime/artifact/GpuKernel.h"
#include "runtime/artifact/Manifest.h"

#include <cmath>

namespace mpcrt {

// Sizes of 32 bits do not overflow in it.
std::array<int64_t, 4> ConvolutionForm::output() const {
  std::array<int64_t, 4> shape = {input[0], weight[0], 0, 0};
  for (size_t i = 0; i < 2; ++i) {
    const int64_t window = dilations[i] * (weight[i + 2] - 1) + 1;
    const int64_t room = input[i + 2] + 2 * pads[i] - window;
    shape[i + 2] = room < 0 ? 0 : room / strides[i] + 1;
  }
  return shape;
}

namespace {
// Libraries take sizes as 32-bit integers.
constexpr int64_t largestSize = 0x7fffffff;

Status wrong(const std::string &what) {
  return Status(Code::Damaged, "manifest: " + what);
}

Status checkSizes(std::initializer_list<int64_t> sizes, int64_t least,
                  const std::string &where) {
  for (int64_t size : sizes)
    if (size < least || size > largestSize)
      return wrong(where + " has a size of " + std::to_string(size) +
                   ", expected " + std::to_string(least) + " to " +
                   std::to_string(largestSize));
  return Status();
}

Status checkSizes(const ProductForm &product, const std::string &where) {
  if (!std::isfinite(product.alpha))
    return wrong(where + " has a factor that is not finite");
  return checkSizes({product.batch, product.m, product.n, product.k}, 1, where);
}

Status checkSizes(const ConvolutionForm &c, const std::string &where) {
  Status status =
      checkSizes({c.input[0], c.input[1], c.input[2], c.input[3], c.weight[0],
                  c.weight[1], c.weight[2], c.weight[3], c.strides[0],
                  c.strides[1], c.dilations[0], c.dilations[1], c.groups},
                 1, where);
  if (status.ok())
    status = checkSizes({c.pads[0], c.pads[1]}, 0, where);
  if (!status.ok())
    return status;
  if (c.weight[0] % c.groups != 0 || c.input[1] % c.groups != 0 ||
      c.weight[1] != c.input[1] / c.groups)
    return wrong(where + " has " + std::to_string(c.weight[0]) +
                 " filters of " + std::to_string(c.weight[1]) +
                 " channels, which do not fit " + std::to_string(c.groups) +
                 " groups of an input of " + std::to_string(c.input[1]));
  const std::array<int64_t, 4> output = c.output();
  return checkSizes({output[2], output[3]}, 1, where + ".output");
}

/// What a form of valid sizes takes and gives.
struct Signature {
  bool mayEndInF32, mayHaveBias;
  std::vector<int64_t> a, b, bias, result; ///< shapes
};

Signature signatureOf(const ProductForm &p) {
  return {true,
          true,
          {p.batch, p.m, p.k},
          {p.batch, p.k, p.n},
          {p.n},
          {p.batch, p.m, p.n}};
}

Signature signatureOf(const ConvolutionForm &c) {
  using Kind = ConvolutionForm::Kind;
  auto list = [](const std::array<int64_t, 4> &shape) {
    return std::vector<int64_t>(shape.begin(), shape.end());
  };
  const std::vector<int64_t> input = list(c.input), weight = list(c.weight),
                             output = list(c.output());
  Signature signature = {false, c.kind == Kind::Forward, {}, {}, {}, {}};
  signature.a = c.kind == Kind::Forward ? input : output;
  signature.b = c.kind == Kind::WeightGradient ? input : weight;
  signature.bias = {c.weight[0]};
  signature.result = c.kind == Kind::Forward         ? output
                     : c.kind == Kind::InputGradient ? input
                                                     : weight;
  return signature;
}

Status checkForm(const LibraryCall &call, const Signature &signature,
                 const std::string &where) {
  const bool isFloat = call.type == DType::F16 || call.type == DType::BF16 ||
                       call.type == DType::F32;
  const bool ends = call.resultType == call.type ||
                    (signature.mayEndInF32 && call.resultType == DType::F32);
  if (!isFloat || !ends)
    return wrong(where + " multiplies " + std::string(dtypeName(call.type)) +
                 " to " + std::string(dtypeName(call.resultType)) +
                 ", expected F16, BF16 or F32 to the same" +
                 (signature.mayEndInF32 ? " or F32" : ""));
  if (call.bias != -1 && !signature.mayHaveBias)
    return wrong(where + " has a bias, which no gradient has");
  return Status();
}

Status checkOperand(const Manifest &manifest, const Target &target,
                    const Launch &launch, int64_t arg, DType type,
                    const std::vector<int64_t> &shape,
                    const std::string &where) {
  if (arg < 0 || uint64_t(arg) >= launch.args.size())
    return wrong(where + " takes argument " + std::to_string(arg) +
                 ", but there are " + std::to_string(launch.args.size()));
  const Buffer &buffer = target.buffers[size_t(launch.args[size_t(arg)])];
  const std::optional<size_t> needed = tensorBytes(type, shape);
  const std::optional<uint64_t> bytes = bufferBytes(manifest, buffer);
  if (!needed || (bytes && *needed > *bytes))
    return wrong(where + " takes " + typeText(type, shape) + " from argument " +
                 std::to_string(arg) + ", which is smaller");
  return Status();
}

Status checkSpan(const std::vector<Launch> &launches, size_t index,
                 const std::string &where) {
  const LibraryCall &call = *launches[index].library;
  if (call.launches < 1 || uint64_t(call.launches) > launches.size() - index)
    return wrong(where + " stands for " + std::to_string(call.launches) +
                 " launches, but there are " +
                 std::to_string(launches.size() - index));
  for (size_t i = index + 1; i < index + size_t(call.launches); ++i)
    if (launches[i].library || launches[i].args != launches[index].args)
      return wrong(where + " stands for launch " + std::to_string(i) +
                   ", which has other arguments or a library's call");
  return Status();
}
} // namespace

Status checkLibraryCall(const Manifest &manifest, const Target &target,
                        const std::vector<Launch> &launches, size_t index,
                        const std::string &where) {
  const Launch &launch = launches[index];
  const LibraryCall &call = *launch.library;
  const std::string here = where + ".library";
  Status status = std::visit(
      [&](const auto &form) { return checkSizes(form, here); }, call.form);
  if (!status.ok())
    return status;
  const Signature signature =
      std::visit([](const auto &form) { return signatureOf(form); }, call.form);
  status = checkForm(call, signature, here);
  auto operand = [&](int64_t arg, DType type,
                     const std::vector<int64_t> &shape) {
    if (status.ok())
      status = checkOperand(manifest, target, launch, arg, type, shape, here);
  };
  operand(call.a, call.type, signature.a);
  operand(call.b, call.type, signature.b);
  operand(call.result, call.resultType, signature.result);
  if (call.bias != -1)
    operand(call.bias, call.resultType, signature.bias);
  if (!status.ok())
    return status;
  const Buffer::Kind kind =
      target.buffers[size_t(launch.args[size_t(call.result)])].kind;
  if (kind == Buffer::Kind::Input || kind == Buffer::Kind::Label ||
      kind == Buffer::Kind::Constant)
    return wrong(here + " writes argument " + std::to_string(call.result) +
                 ", which is an input, the label or a constant");
  return checkSpan(launches, index, here);
}

} // namespace mpcrt
