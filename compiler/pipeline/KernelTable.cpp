#include "compiler/pipeline/KernelTable.h"
#include "compiler/lowering/gpu/ProductTiles.h"
#include "nlohmann/json.hpp"
#include <cmath>
#include <fstream>

using namespace mpc;
using mpcrt::Code;
using mpcrt::Result;
using mpcrt::Status;
using nlohmann::json;

std::string KernelTable::text() const {
  json products = json::array();
  // Hundredths of a microsecond are more than a clock tells.
  auto microseconds = [](double seconds) {
    return std::round(seconds * 1e8) / 100;
  };
  for (const KernelTableEntry &entry : entries)
    products.push_back({{"product", entry.product},
                        {"tile", entry.tile},
                        {"us", microseconds(entry.seconds)},
                        {"chosen_us", microseconds(entry.chosenSeconds)}});
  json table = {{"mpc_kernels", 1},
                {"device", device},
                {"target", "sm_90a"},
                {"products", products}};
  return table.dump(2) + "\n";
}

static std::string stringAt(const json &object, const char *key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : "";
}

static double secondsAt(const json &object, const char *key) {
  auto found = object.find(key);
  return found != object.end() && found->is_number()
             ? found->get<double>() * 1e-6
             : 0;
}

// What is wrong with an entry; empty if nothing is.
static std::string faultOf(const KernelTableEntry &entry) {
  auto product = ProductShape::parse(entry.product);
  if (!product)
    return "product '" + entry.product +
           "', expected batches, m, n, k, transposes and type, such as "
           "1x512x1024x784:NT:f16";
  auto tile = parseTile(entry.tile);
  if (!tile)
    return "tile '" + entry.tile +
           "', expected rows, columns, stages, sharing blocks and parts, such "
           "as 128x64x3x1x2";
  if (auto fault = tile->fault(product->k))
    return "tile '" + entry.tile + "': " + *fault;
  return "";
}

Result<KernelTable> mpc::readKernelTable(const std::string &path) {
  std::ifstream file(path);
  if (!file)
    return Status(Code::File, "cannot read the table of tiles '" + path +
                                  "'; check the path and its permissions");
  json document = json::parse(file, nullptr, /*allow_exceptions=*/false);
  auto products =
      document.is_object() ? document.find("products") : document.end();
  if (!document.is_object() || document.value("mpc_kernels", json()) != 1 ||
      stringAt(document, "target") != "sm_90a" || products == document.end() ||
      !products->is_array())
    return Status(Code::InvalidData,
                  "'" + path +
                      "' is no table of tiles; write one with mpc tune "
                      "--kernels (docs/schemas/kernels.schema.json)");
  KernelTable table{stringAt(document, "device"), {}};
  for (const json &one : *products) {
    KernelTableEntry entry{stringAt(one, "product"), stringAt(one, "tile"),
                           secondsAt(one, "us"), secondsAt(one, "chosen_us")};
    if (std::string fault = faultOf(entry); !fault.empty())
      return Status(Code::InvalidData,
                    "'" + path + "', entry " +
                        std::to_string(table.entries.size()) + ": " + fault +
                        "; correct it, or write the table again with mpc tune "
                        "--kernels");
    table.entries.push_back(std::move(entry));
  }
  return table;
}
