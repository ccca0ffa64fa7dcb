#include "runtime/src/cuda/Recorder.h"

#include "runtime/artifact/GpuKernel.h"

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

CUdeviceptr addressOf(const Buffer &buffer, const DeviceLayout &layout,
                      const Addresses &where) {
  if (buffer.kind == Buffer::Kind::Status)
    return where.status + uint64_t(buffer.offset);
  return where.base + layout.offsetOf(buffer, where.slot);
}
} // namespace

// A graph that grows, node by node.
struct Recorder::Recording {
  Graph graph;
  std::vector<std::vector<size_t>> waits; ///< of each node, as waitsOf() says
  std::vector<CUgraphNode> nodes;
  std::vector<bool> isKernel; ///< and no library's graph

  /// The nodes before the one that is added next: kernels, or all others.
  std::vector<CUgraphNode> nextWaitsFor(bool kernels) const {
    std::vector<CUgraphNode> before;
    for (size_t launch : waits[nodes.size()])
      if (isKernel[launch] == kernels)
        before.push_back(nodes[launch]);
    return before;
  }
  void add(CUgraphNode node, bool kernel) {
    nodes.push_back(node);
    isKernel.push_back(kernel);
  }
};

Result<Recorder> Recorder::create(const Driver &driver,
                                  const Manifest &manifest,
                                  const Target &target, CUmodule module,
                                  CUdevice device, const std::string &text) {
  Recorder recorder(driver, manifest, target);
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

// Constants, whose size only the container knows, are never written. The status
// block has its place in the layout for this alone.
std::vector<Access> Recorder::accessesOf(const Launch &launch,
                                         const DeviceLayout &layout,
                                         size_t slot) const {
  const Kernel &kernel = target->kernels[size_t(launch.kernel)];
  std::vector<Access> accesses;
  for (size_t i = 0; i < launch.args.size(); ++i) {
    const Buffer &buffer = target->buffers[size_t(launch.args[i])];
    std::optional<uint64_t> bytes = bufferBytes(*manifest, buffer);
    if (!bytes || !(kernel.reads(i) || kernel.writes(i)))
      continue;
    const uint64_t begin = layout.offsetOf(buffer, slot);
    accesses.push_back({begin, begin + *bytes, kernel.writes(i)});
  }
  return accesses;
}

// Of launches that a call stands for only the first names its library.
std::vector<const char *>
Recorder::providersOf(const std::vector<Launch> &launches) const {
  std::vector<const char *> providers;
  while (providers.size() < launches.size()) {
    const Launch &first = launches[providers.size()];
    providers.resize(providers.size() + span(first),
                     callOf(first) ? first.library->library().name : noLibrary);
  }
  return providers;
}

// The workspace of libraries stands behind the layout, so that calls which
// use it wait for each other.
std::vector<Access> Recorder::libraryAccesses(const Launch &launch,
                                              const DeviceLayout &layout,
                                              size_t slot) const {
  const LibraryCall &call = *launch.library;
  std::vector<Access> accesses;
  for (int64_t arg : {call.a, call.b, call.bias, call.result}) {
    if (arg < 0)
      continue;
    const Buffer &buffer = target->buffers[size_t(launch.args[size_t(arg)])];
    std::optional<uint64_t> bytes = bufferBytes(*manifest, buffer);
    if (!bytes)
      continue;
    const uint64_t begin = layout.offsetOf(buffer, slot);
    accesses.push_back({begin, begin + *bytes, arg == call.result});
  }
  if (size_t bytes = callOf(launch)->workspaceBytes())
    accesses.push_back({layout.bytes, layout.bytes + bytes, true});
  return accesses;
}

// What the library enqueues is captured and becomes one node, a graph.
Status Recorder::addLibraryCall(const Launch &launch,
                                const DeviceLayout &layout,
                                const Addresses &where, CUstream stream,
                                Recording &recording) const {
  const LibraryCall &call = *launch.library;
  auto address = [&](int64_t arg) {
    return reinterpret_cast<void *>(addressOf(
        target->buffers[size_t(launch.args[size_t(arg)])], layout, where));
  };
  const PreparedCall::Operands operands = {
      address(call.a), address(call.b),
      call.bias < 0 ? nullptr : address(call.bias), address(call.result)};
  // The library may load code meanwhile, which stricter modes forbid.
  Status status = driver->check(
      driver->streamBeginCapture(stream, STREAM_CAPTURE_MODE_RELAXED),
      "capture a library's work");
  if (!status.ok())
    return status;
  status =
      Libraries::enqueue(call, *callOf(launch), operands, workspace, stream);
  CUgraph captured = nullptr;
  const CUresult ended = driver->streamEndCapture(stream, &captured);
  const Graph child(*driver, captured);
  if (status.ok())
    status = driver->check(ended, "capture a library's work");
  if (!status.ok())
    return status;
  std::vector<CUgraphNode> before = recording.nextWaitsFor(true);
  for (CUgraphNode other : recording.nextWaitsFor(false))
    before.push_back(other);
  CUgraphNode added = nullptr;
  status = driver->check(
      driver->graphAddChildGraphNode(&added, recording.graph.get(),
                                     before.data(), before.size(), captured),
      "record a library's work");
  recording.add(added, false);
  return status;
}

// The parameters are copied into the graph here, tensor maps too. The addresses
// stand one after another, so that a function may also take them as one
// parameter, an array by value.
Status Recorder::addLaunch(const Launch &launch, const DeviceLayout &layout,
                           const Addresses &where, Recording &recording) const {
  const Kernel &kernel = target->kernels[size_t(launch.kernel)];
  std::vector<CUdeviceptr> addresses;
  for (int64_t arg : launch.args)
    addresses.push_back(addressOf(target->buffers[size_t(arg)], layout, where));
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
  CUDA_KERNEL_NODE_PARAMS node = {};
  node.func = functions[size_t(launch.kernel)];
  node.gridDimX = unsigned(kernel.grid[0]);
  node.gridDimY = unsigned(kernel.grid[1]);
  node.gridDimZ = unsigned(kernel.grid[2]);
  node.blockDimX = unsigned(kernel.block[0]);
  node.blockDimY = unsigned(kernel.block[1]);
  node.blockDimZ = unsigned(kernel.block[2]);
  node.sharedMemBytes = unsigned(kernel.sharedBytes);
  node.kernelParams = parameters.data();
  // Programmatic edges lead from kernels alone.
  const std::vector<CUgraphNode> kernels = recording.nextWaitsFor(true);
  std::vector<CUgraphNode> before = recording.nextWaitsFor(false);
  const bool early = kernel.waits && driver->graphAddDependencies;
  if (!early)
    before.insert(before.end(), kernels.begin(), kernels.end());
  CUgraphNode added = nullptr;
  Status status = driver->check(
      driver->graphAddKernelNode(&added, recording.graph.get(), before.data(),
                                 before.size(), &node),
      "record a kernel");
  if (status.ok() && early)
    status = addEarlyEdges(kernels, added, recording);
  recording.add(added, true);
  return status;
}

// Kernels are launched before those that they wait for have ended: they do the
// waiting. What such a kernel writes is there for all behind it, and so is what
// those before it wrote, since it ends after them.
Status Recorder::addEarlyEdges(const std::vector<CUgraphNode> &before,
                               CUgraphNode node,
                               const Recording &recording) const {
  if (before.empty())
    return Status();
  const std::vector<CUgraphNode> to(before.size(), node);
  CUgraphEdgeData early = {};
  early.from_port = GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC;
  early.type = GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC;
  const std::vector<CUgraphEdgeData> edges(before.size(), early);
  return driver->check(driver->graphAddDependencies(recording.graph.get(),
                                                    before.data(), to.data(),
                                                    edges.data(), edges.size()),
                       "order kernels");
}

Result<GraphExec> Recorder::record(const std::vector<Launch> &launches,
                                   const DeviceLayout &layout,
                                   const Addresses &where,
                                   CUstream stream) const {
  if (launches.empty())
    return GraphExec();
  std::vector<const Launch *> nodes;
  std::vector<std::vector<Access>> accesses;
  for (size_t i = 0; i < launches.size(); i += span(launches[i])) {
    nodes.push_back(&launches[i]);
    accesses.push_back(callOf(launches[i])
                           ? libraryAccesses(launches[i], layout, where.slot)
                           : accessesOf(launches[i], layout, where.slot));
  }
  CUgraph created = nullptr;
  Status status =
      driver->check(driver->graphCreate(&created, 0), "make a graph");
  Recording recording = {Graph(*driver, created), waitsOf(accesses), {}, {}};
  for (size_t i = 0; i < nodes.size() && status.ok(); ++i)
    status = callOf(*nodes[i])
                 ? addLibraryCall(*nodes[i], layout, where, stream, recording)
                 : addLaunch(*nodes[i], layout, where, recording);
  CUgraphExec made = nullptr;
  if (status.ok())
    status = driver->check(driver->graphInstantiate(&made, created, 0),
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
