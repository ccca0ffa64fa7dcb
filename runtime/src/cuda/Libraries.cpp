#include "runtime/src/cuda/Libraries.h"
#include "runtime/src/cuda/CublasLt.h"
#include "runtime/src/cuda/Cudnn.h"

#include <algorithm>

namespace mpcrt::cuda {

namespace {
std::unique_ptr<Library> open(const LibraryInfo &library) {
  return &library == &cudnn ? openCudnn() : openCublasLt();
}

// All calls of the library that the target has.
std::vector<const LibraryCall *> callsOf(const Target &target,
                                         const LibraryInfo &library) {
  std::vector<const LibraryCall *> calls;
  for (const auto *launches :
       {&target.trainStep, &target.forward, &target.derive})
    for (const Launch &launch : *launches)
      if (launch.library && &launch.library->library() == &library)
        calls.push_back(&*launch.library);
  return calls;
}

std::string absent(const LibraryInfo &library) {
  return std::string(library.title) + " is not found or does not start (" +
         library.files +
         "); generated kernels run in its place; name its folder in "
         "LD_LIBRARY_PATH";
}

std::string refused(const LibraryInfo &library, size_t refused, size_t all) {
  return std::string(library.title) + " has no algorithm for " +
         std::to_string(refused) + " of " + std::to_string(all) + " " +
         library.computes +
         "s; generated kernels run in its place; try a newer version of the "
         "library";
}
} // namespace

Libraries Libraries::prepare(const Target &target, std::string &fallback) {
  Libraries made;
  auto tell = [&](const std::string &sentence) {
    fallback += (fallback.empty() ? "" : "; ") + sentence;
  };
  for (const LibraryInfo *known : mpcrt::libraries) {
    const std::vector<const LibraryCall *> calls = callsOf(target, *known);
    if (calls.empty())
      continue;
    std::unique_ptr<Library> library = open(*known);
    if (!library) {
      tell(absent(*known));
      continue;
    }
    for (const LibraryCall *call : calls)
      if (std::none_of(made.entries.begin(), made.entries.end(),
                       [&](const Entry &e) { return e.call == *call; }))
        made.entries.push_back({*call, library->prepare(*call)});
    made.libraries.push_back(std::move(library));
    const auto unknown =
        std::count_if(calls.begin(), calls.end(), [&](const LibraryCall *call) {
          return !made.find(*call);
        });
    if (unknown)
      tell(refused(*known, size_t(unknown), calls.size()));
  }
  return made;
}

const PreparedCall *Libraries::find(const LibraryCall &call) const {
  auto found = std::find_if(entries.begin(), entries.end(),
                            [&](const Entry &e) { return e.call == call; });
  return found == entries.end() ? nullptr : found->prepared.get();
}

size_t Libraries::workspaceBytes() const {
  size_t most = 0;
  for (const Entry &entry : entries)
    if (entry.prepared)
      most = std::max(most, entry.prepared->workspaceBytes());
  return most;
}

Status Libraries::enqueue(const LibraryCall &call, const PreparedCall &prepared,
                          const PreparedCall::Operands &operands,
                          void *workspace, CUstream stream) {
  const int result = prepared.enqueue(operands, workspace, stream);
  if (result == 0)
    return Status();
  const LibraryInfo &library = call.library();
  return Status(Code::Device, std::string(library.title) + " refuses a " +
                                  library.computes + " with status " +
                                  std::to_string(result) +
                                  "; try another version of the library, or "
                                  "compile without --provider");
}

} // namespace mpcrt::cuda
