// From the element types of files to those of the program and back.
#ifndef MPCRT_TRAIN_CONVERT_H
#define MPCRT_TRAIN_CONVERT_H

#include "runtime/train/Array.h"
#include "runtime/train/Status.h"

namespace mpcrt::train {

struct ConvertOptions {
  /// NaN and infinity are data like any other.
  bool allowNonfinite = false;
};

/// Converts an array to a type of the program. Floating-point data is rounded
/// to nearest, ties to even, once; integers become the nearest floating-point
/// number, without any scaling; integers change width if every value fits.
/// Refused with MPCRT_INVALID_DATA: floating-point data where integers are
/// wanted, integers that do not fit, and (unless allowed) NaN, infinity and
/// numbers that round to infinity. The message names `what`, the sample (first
/// index) and the element. `note` gets a line if the conversion may have
/// changed values, else nothing.
Status convertArray(const Array &array, const std::string &what,
                    mpcrt_dtype dtype, const ConvertOptions &options,
                    std::vector<std::byte> &out, std::string &note);

/// The array for bytes of a runtime type. NumPy has no bf16, so bf16 widens to
/// float32, which is exact.
Array toArray(mpcrt_dtype dtype, std::vector<int64_t> shape,
              std::vector<std::byte> bytes);

/// Element `index` of a buffer of runtime type `dtype` as a double (i64
/// rounds).
double elementAsDouble(mpcrt_dtype dtype, const std::byte *data, size_t index);
/// The same for integers; floating-point types are not asked for.
int64_t elementAsInteger(mpcrt_dtype dtype, const std::byte *data,
                         size_t index);

} // namespace mpcrt::train

#endif
