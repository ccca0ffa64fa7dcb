#include "runtime/src/cuda/Recorder.h"

#include <algorithm>

namespace mpcrt::cuda {

namespace {
// More than this a kernel gets only if it is asked for.
constexpr int64_t freeSharedBytes = 48 * 1024;

int dataType(DType type) {
  switch (type) {
  case DType::F32:
    return TENSOR_MAP_DATA_TYPE_FLOAT32;
  case DType::F16:
    return TENSOR_MAP_DATA_TYPE_FLOAT16;
  case DType::BF16:
    return TENSOR_MAP_DATA_TYPE_BFLOAT16;
  case DType::I64:
    return TENSOR_MAP_DATA_TYPE_INT64;
  case DType::I32:
    return TENSOR_MAP_DATA_TYPE_INT32;
  default: // one byte, whatever it means
    return TENSOR_MAP_DATA_TYPE_UINT8;
  }
}

int swizzleMode(int64_t bytes) {
  switch (bytes) {
  case 32:
    return TENSOR_MAP_SWIZZLE_32B;
  case 64:
    return TENSOR_MAP_SWIZZLE_64B;
  case 128:
    return TENSOR_MAP_SWIZZLE_128B;
  default:
    return TENSOR_MAP_SWIZZLE_NONE;
  }
}

Status encode(const Driver &driver, const TensorMap &map, CUdeviceptr address,
              CUtensorMap &encoded) {
  constexpr size_t mostDimensions = 5;
  uint64_t extents[mostDimensions] = {}, pitches[mostDimensions] = {};
  uint32_t box[mostDimensions] = {}, strides[mostDimensions] = {};
  std::copy(map.extents.begin(), map.extents.end(), extents);
  std::copy(map.pitches.begin(), map.pitches.end(), pitches);
  std::copy(map.box.begin(), map.box.end(), box);
  std::fill_n(strides, map.extents.size(), 1);
  return driver.check(
      driver.tensorMapEncodeTiled(
          &encoded, dataType(map.dtype), uint32_t(map.extents.size()),
          reinterpret_cast<void *>(address), extents, pitches, box, strides,
          TENSOR_MAP_INTERLEAVE_NONE, swizzleMode(map.swizzle),
          TENSOR_MAP_L2_PROMOTION_L2_256B, TENSOR_MAP_FLOAT_OOB_FILL_NONE),
      "encode a tensor map");
}

Status allowSharedMemory(const Driver &driver, const Kernel &kernel,
                         CUfunction function, CUdevice device,
                         const std::string &text) {
  if (kernel.sharedBytes <= freeSharedBytes)
    return Status();
  int most = 0;
  Status status = driver.check(
      driver.deviceGetAttribute(
          &most, DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device),
      "ask the GPU for its shared memory");
  if (status.ok() && kernel.sharedBytes > most)
    return Status(Code::Device, "kernel '" + kernel.name + "' needs " +
                                    std::to_string(kernel.sharedBytes) +
                                    " bytes of shared memory, but " + text +
                                    " has " + std::to_string(most) +
                                    "; compile the model for this GPU");
  if (status.ok())
    status =
        driver.check(driver.funcSetAttribute(
                         function, FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                         int(kernel.sharedBytes)),
                     "give a kernel its shared memory");
  return status;
}
} // namespace

Result<Recorder> Recorder::create(const Driver &driver, const Target &target,
                                  CUmodule module, CUdevice device,
                                  const std::string &text) {
  Recorder recorder(driver, target);
  for (const Kernel &kernel : target.kernels) {
    CUfunction function = nullptr;
    if (driver.moduleGetFunction(&function, module, kernel.name.c_str()) !=
        SUCCESS)
      return Status(Code::Damaged, "the image for " + target.target +
                                       " has no kernel '" + kernel.name +
                                       "'; compile the model again");
    Status status = allowSharedMemory(driver, kernel, function, device, text);
    if (!status.ok())
      return status;
    recorder.functions.push_back(function);
  }
  return recorder;
}

// The parameters are copied into the graph here, tensor maps too. The addresses
// stand one after another, so that a function may also take them as one
// parameter, an array by value.
Status Recorder::launch(const Launch &launch, const DeviceLayout &layout,
                        CUdeviceptr base, size_t slot, CUstream stream) const {
  const Kernel &kernel = target->kernels[size_t(launch.kernel)];
  std::vector<CUdeviceptr> addresses;
  for (int64_t arg : launch.args)
    addresses.push_back(base +
                        layout.offsetOf(target->buffers[size_t(arg)], slot));
  std::vector<CUtensorMap> maps(kernel.maps.size());
  std::vector<void *> parameters;
  for (size_t i = 0; i < maps.size(); ++i) {
    const TensorMap &map = kernel.maps[i];
    Status status = encode(*driver, map, addresses[size_t(map.arg)], maps[i]);
    if (!status.ok())
      return status;
    parameters.push_back(&maps[i]);
  }
  for (CUdeviceptr &address : addresses)
    parameters.push_back(&address);
  const auto &grid = kernel.grid, &block = kernel.block;
  return driver->check(
      driver->launchKernel(functions[size_t(launch.kernel)], unsigned(grid[0]),
                           unsigned(grid[1]), unsigned(grid[2]),
                           unsigned(block[0]), unsigned(block[1]),
                           unsigned(block[2]), unsigned(kernel.sharedBytes),
                           stream, parameters.data(), nullptr),
      "record a kernel");
}

Result<GraphExec> Recorder::record(const std::vector<Launch> &launches,
                                   const DeviceLayout &layout, CUdeviceptr base,
                                   size_t slot, StatusCopy copy,
                                   CUstream stream) const {
  if (launches.empty() && !copy.host)
    return GraphExec();
  Status status = driver->check(
      driver->streamBeginCapture(stream, STREAM_CAPTURE_MODE_RELAXED),
      "record a graph");
  if (!status.ok())
    return status;
  for (size_t i = 0; i < launches.size() && status.ok(); ++i)
    status = launch(launches[i], layout, base, slot, stream);
  if (status.ok() && copy.host)
    status = driver->check(driver->memcpyDtoHAsync(copy.host, copy.device,
                                                   size_t(statusBytes), stream),
                           "record the copy of the status");
  // Also after a failure: the stream must leave the capture.
  CUgraph recorded = nullptr;
  CUresult ended = driver->streamEndCapture(stream, &recorded);
  Graph graph(*driver, recorded);
  if (status.ok())
    status = driver->check(ended, "record a graph");
  CUgraphExec made = nullptr;
  if (status.ok())
    status = driver->check(driver->graphInstantiate(&made, graph.get(), 0),
                           "make a graph");
  if (!status.ok())
    return status;
  GraphExec executable(*driver, made);
  status = driver->check(driver->graphUpload(made, stream), "upload a graph");
  if (!status.ok())
    return status;
  return executable;
}

} // namespace mpcrt::cuda
