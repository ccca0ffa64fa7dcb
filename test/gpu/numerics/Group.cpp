#include "test/gpu/numerics/Group.h"
#include "nlohmann/json.hpp"

using namespace mpc::test;
using mpcrt::Code;
using mpcrt::ContainerTensor;
using mpcrt::Result;
using mpcrt::Status;

Result<Group> Group::open(const std::string &path) {
  Result<mpcrt::Container> file = mpcrt::Container::open(path);
  if (!file.ok())
    return file.status();
  Group group(std::move(*file));
  const std::string *text = group.file.metadata(instancesKey);
  auto json = nlohmann::json::parse(text ? *text : "", nullptr,
                                    /*allow_exceptions=*/false);
  if (!json.is_array())
    return Status(Code::Damaged, "'" + path + "' lists no instances");
  for (const auto &one : json)
    group.list.push_back(
        {one["text"], one["inputs"], one["outputs"], one["sets"]});
  return group;
}

const ContainerTensor *Group::find(const char *what, int index, int set) const {
  return file.find(std::string(what) + "." + std::to_string(index) + "." +
                   std::to_string(set));
}

static std::span<const std::byte> bytesOf(const ContainerTensor &tensor) {
  return {tensor.data, tensor.bytes};
}

std::span<const std::byte> Group::input(int index, int set) const {
  const ContainerTensor *own = find("input", index, set);
  return bytesOf(own ? *own : *find("input", index, 0));
}

mpcrt::DType Group::outputType(int output) const {
  return find("low", output, 0)->dtype;
}

Allowed Group::allowed(int output, int set) const {
  Allowed allowed;
  const ContainerTensor *low = find("low", output, set);
  const ContainerTensor *high = find("high", output, set);
  const ContainerTensor *flags = find("flags", output, set);
  allowed.low = decode(bytesOf(*low), low->dtype);
  allowed.high = high ? decode(bytesOf(*high), high->dtype) : allowed.low;
  if (flags)
    for (std::byte flag : bytesOf(*flags))
      allowed.flags.push_back(uint8_t(flag));
  return allowed;
}
