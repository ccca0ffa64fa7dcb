// XXH3-128, the digest of models and of state.
#ifndef MPC_RUNTIME_ARTIFACT_DIGEST_H
#define MPC_RUNTIME_ARTIFACT_DIGEST_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mpcrt {

/// Digests a sequence of byte ranges; only their concatenation matters.
class Digest {
public:
  Digest();
  ~Digest();
  Digest(const Digest &) = delete;
  Digest &operator=(const Digest &) = delete;

  void update(const void *data, size_t bytes);
  /// 32 lower-case hex digits, most significant first, as `xxhsum -H2` prints.
  std::string hex() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// XXH3-64 of a text.
uint64_t hash64(std::string_view text);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_DIGEST_H
