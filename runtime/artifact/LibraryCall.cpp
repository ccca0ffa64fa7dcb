#include "runtime/artifact/LibraryCall.h"
#include "runtime/artifact/GpuKernel.h"
#include "runtime/artifact/Manifest.h"

#include <cmath>

namespace mpcrt {

namespace {
// Libraries take sizes as 32-bit integers.
constexpr int64_t largestSize = 0x7fffffff;

Status wrong(const std::string &what) {
  return Status(Code::Damaged, "manifest: " + what);
}

Status checkForm(const LibraryCall &call, const std::string &where) {
  if (call.library != cublasLtLibrary)
    return wrong(where + " names library '" + call.library +
                 "', expected 'cublaslt'");
  for (int64_t size : {call.batch, call.m, call.n, call.k})
    if (size < 1 || size > largestSize)
      return wrong(where + " has a size of " + std::to_string(size) +
                   ", expected 1 to " + std::to_string(largestSize));
  const bool isFloat = call.type == DType::F16 || call.type == DType::BF16 ||
                       call.type == DType::F32;
  if (!isFloat ||
      (call.resultType != call.type && call.resultType != DType::F32))
    return wrong(where + " multiplies " + std::string(dtypeName(call.type)) +
                 " to " + std::string(dtypeName(call.resultType)) +
                 ", expected F16, BF16 or F32 to the same or F32");
  if (!std::isfinite(call.alpha))
    return wrong(where + " has a factor that is not finite");
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
  Status status = checkForm(call, here);
  auto operand = [&](int64_t arg, DType type,
                     const std::vector<int64_t> &shape) {
    if (status.ok())
      status = checkOperand(manifest, target, launch, arg, type, shape, here);
  };
  operand(call.a, call.type, {call.batch, call.m, call.k});
  operand(call.b, call.type, {call.batch, call.k, call.n});
  operand(call.result, call.resultType, {call.batch, call.m, call.n});
  if (call.bias != -1)
    operand(call.bias, call.resultType, {call.n});
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
