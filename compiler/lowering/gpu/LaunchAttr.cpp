#include "compiler/lowering/gpu/LaunchAttr.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mpc;

static DictionaryAttr mapAttr(Builder b, const mpcrt::TensorMap &map) {
  auto numbers = [&](StringRef name, const std::vector<int64_t> &values) {
    return b.getNamedAttr(name, b.getDenseI64ArrayAttr(values));
  };
  return b.getDictionaryAttr(
      {b.getNamedAttr("arg", b.getI64IntegerAttr(map.arg)),
       b.getNamedAttr("dtype", b.getStringAttr(dtypeName(map.dtype))),
       numbers("extents", map.extents), numbers("pitches", map.pitches),
       numbers("box", map.box),
       b.getNamedAttr("swizzle", b.getI64IntegerAttr(map.swizzle))});
}

DictionaryAttr mpc::launchAttr(MLIRContext *context, const GpuPhase &phase) {
  Builder b(context);
  SmallVector<Attribute> maps;
  for (const mpcrt::TensorMap &map : phase.maps)
    maps.push_back(mapAttr(b, map));
  SmallVector<NamedAttribute> fields = {
      b.getNamedAttr("grid", b.getDenseI64ArrayAttr(phase.grid)),
      b.getNamedAttr("block", b.getDenseI64ArrayAttr(phase.block)),
      b.getNamedAttr("shared_bytes", b.getI64IntegerAttr(phase.sharedBytes)),
      b.getNamedAttr("maps", b.getArrayAttr(maps))};
  if (phase.cluster > 1)
    fields.push_back(
        b.getNamedAttr("cluster", b.getI64IntegerAttr(phase.cluster)));
  if (phase.resident > 1)
    fields.push_back(
        b.getNamedAttr("resident", b.getI64IntegerAttr(phase.resident)));
  if (phase.table)
    fields.push_back(b.getNamedAttr("table", b.getI64IntegerAttr(phase.table)));
  if (phase.waits)
    fields.push_back(b.getNamedAttr("waits", b.getUnitAttr()));
  return b.getDictionaryAttr(fields);
}

static int64_t numberOf(DictionaryAttr fields, StringRef name) {
  return fields.getAs<IntegerAttr>(name).getInt();
}

static std::vector<int64_t> numbersOf(DictionaryAttr fields, StringRef name) {
  return fields.getAs<DenseI64ArrayAttr>(name).asArrayRef().vec();
}

mpcrt::Kernel mpc::kernelOf(StringRef name, DictionaryAttr launch) {
  mpcrt::Kernel kernel;
  kernel.name = name.str();
  llvm::copy(numbersOf(launch, "grid"), kernel.grid.begin());
  llvm::copy(numbersOf(launch, "block"), kernel.block.begin());
  kernel.sharedBytes = numberOf(launch, "shared_bytes");
  kernel.waits = launch.contains("waits");
  for (auto fields :
       launch.getAs<ArrayAttr>("maps").getAsRange<DictionaryAttr>()) {
    mpcrt::TensorMap map;
    map.arg = numberOf(fields, "arg");
    map.dtype =
        *mpcrt::dtypeFromName(fields.getAs<StringAttr>("dtype").getValue());
    map.extents = numbersOf(fields, "extents");
    map.pitches = numbersOf(fields, "pitches");
    map.box = numbersOf(fields, "box");
    map.swizzle = numberOf(fields, "swizzle");
    kernel.maps.push_back(std::move(map));
  }
  return kernel;
}
