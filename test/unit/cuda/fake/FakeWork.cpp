// Streams, events and graphs of the fake driver.
#include "test/unit/cuda/fake/FakeKernels.h"
#include "test/unit/cuda/fake/FakeMachine.h"

#include <algorithm>
#include <cstring>

using namespace fakecuda;

namespace {
// A node is its number, from 1 on.
CUresult added(CUgraphNode *node, CUgraph graph, const CUgraphNode *before,
               size_t count, Work work) {
  auto &nodes = reinterpret_cast<Graph *>(graph)->nodes;
  nodes.push_back({std::move(work), {}});
  for (size_t i = 0; i < count; ++i)
    nodes.back().waits.push_back(reinterpret_cast<uintptr_t>(before[i]) - 1);
  *node = reinterpret_cast<CUgraphNode>(nodes.size());
  return SUCCESS;
}
} // namespace

extern "C" {

CUresult cuStreamCreate(CUstream *stream, unsigned) {
  CALLED();
  return made(new Stream, stream);
}

CUresult cuStreamDestroy_v2(CUstream stream) {
  CALLED();
  return destroyed<Stream>(stream);
}

CUresult cuStreamSynchronize(CUstream stream) {
  CALLED();
  streamOf(stream)->runTo(streamOf(stream)->queue.size());
  return SUCCESS;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
  CALLED();
  streamOf(stream)->add(
      [point = *reinterpret_cast<Event *>(event)] { point.reach(); });
  return SUCCESS;
}

CUresult cuEventCreate(CUevent *event, unsigned flags) {
  CALLED();
  auto *object = new Event;
  if (!(flags & EVENT_DISABLE_TIMING))
    object->time = std::make_shared<double>(0);
  return made(object, event);
}

CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
  CALLED();
  auto *from = reinterpret_cast<Event *>(start),
       *to = reinterpret_cast<Event *>(end);
  if (!from->time || !to->time || *to->time == 0)
    return ERROR_INVALID_VALUE;
  *milliseconds = float((*to->time - *from->time) * 1000);
  return SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  CALLED();
  reinterpret_cast<Event *>(event)->record(*streamOf(stream));
  return SUCCESS;
}

CUresult cuEventSynchronize(CUevent event) {
  CALLED();
  reinterpret_cast<Event *>(event)->reach();
  return SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent event) {
  CALLED();
  return destroyed<Event>(event);
}

CUresult cuGraphCreate(CUgraph *graph, unsigned) {
  CALLED();
  return made(new Graph, graph);
}

CUresult cuGraphAddKernelNode_v2(CUgraphNode *node, CUgraph graph,
                                 const CUgraphNode *before, size_t count,
                                 const CUDA_KERNEL_NODE_PARAMS *launch) {
  CALLED();
  const auto &kernel =
      *reinterpret_cast<const fakecuda::Kernel *>(launch->func);
  void **parameters = launch->kernelParams;
  std::vector<EncodedMap> maps(kernel.maps);
  std::vector<void *> args(kernel.args);
  for (EncodedMap &map : maps)
    std::memcpy(&map, *parameters++, sizeof map);
  for (void *&arg : args)
    std::memcpy(&arg, *parameters++, sizeof arg);
  return added(node, graph, before, count, [=, grid = launch->gridDimX] {
    if (kernel.run)
      kernel.run(maps.data(), args.data(), grid);
  });
}

// Of the edges that there are, mpcrt adds one kind here: a kernel is started
// early and waits itself. Whether it does is its own affair, so it runs behind.
CUresult cuGraphAddDependencies_v2(CUgraph graph, const CUgraphNode *from,
                                   const CUgraphNode *to,
                                   const CUgraphEdgeData *edges, size_t count) {
  CALLED();
  auto &nodes = reinterpret_cast<Graph *>(graph)->nodes;
  for (size_t i = 0; i < count; ++i) {
    const size_t first = reinterpret_cast<uintptr_t>(from[i]) - 1,
                 second = reinterpret_cast<uintptr_t>(to[i]) - 1;
    if (edges[i].type != GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC ||
        edges[i].from_port != GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC ||
        edges[i].to_port != 0 || second >= nodes.size() || first >= second)
      return ERROR_INVALID_VALUE;
    nodes[second].waits.push_back(first);
  }
  return SUCCESS;
}

CUresult cuGraphAddChildGraphNode(CUgraphNode *node, CUgraph graph,
                                  const CUgraphNode *before, size_t count,
                                  CUgraph child) {
  CALLED();
  return added(node, graph, before, count,
               [copy = *reinterpret_cast<Graph *>(child)] { copy.run(); });
}

// What is enqueued between the two becomes a graph of one chain.
CUresult cuStreamBeginCapture_v2(CUstream stream, int) {
  CALLED();
  streamOf(stream)->captureFrom = streamOf(stream)->queue.size();
  return SUCCESS;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph) {
  CALLED();
  auto &queue = streamOf(stream)->queue;
  const size_t from = streamOf(stream)->captureFrom;
  auto *captured = new Graph;
  for (size_t i = from; i < queue.size(); ++i) {
    captured->nodes.push_back({queue[i], {}});
    if (i > from)
      captured->nodes.back().waits.push_back(i - from - 1);
  }
  queue.resize(from);
  return made(captured, graph);
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph,
                                     unsigned long long) {
  CALLED();
  return made(new Graph(*reinterpret_cast<Graph *>(graph)), executable);
}

CUresult cuGraphUpload(CUgraphExec, CUstream) {
  CALLED();
  return SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec graph, CUstream stream) {
  CALLED();
  streamOf(stream)->add(
      [copy = *reinterpret_cast<Graph *>(graph)] { copy.run(); });
  return SUCCESS;
}

CUresult cuGraphExecDestroy(CUgraphExec graph) {
  CALLED();
  return destroyed<Graph>(graph);
}

CUresult cuGraphDestroy(CUgraph graph) {
  CALLED();
  return destroyed<Graph>(graph);
}

} // extern "C"
