#include "compiler/analysis/PrecisionReport.h"
#include "llvm/Support/FormatVariadic.h"

using nlohmann::json;

static std::string joined(const json &list, const char *key) {
  std::string text;
  for (const json &item : list) {
    if (!text.empty())
      text += ", ";
    text += key ? item[key].get<std::string>() : item.get<std::string>();
  }
  return text;
}

static std::string nameOf(const json &op) {
  std::string names = joined(op["node"], nullptr);
  return names.empty() ? op["ir"].get<std::string>() : names;
}

static const std::string &text(const json &value) {
  return value.get_ref<const std::string &>();
}

void mpc::printReport(const json &report, llvm::raw_ostream &os) {
  constexpr const char *row = "{0,-24} {1,-20} {2,-9} {3,-6} {4,-22} {5,-14} "
                              "{6,5}  {7}\n";
  os << llvm::formatv(row, "node", "op", "direction", "class", "reads",
                      "stores", "casts", "why (from)");
  for (const json &op : report["ops"]) {
    std::string type = text(op["op"]);
    os << llvm::formatv(row, nameOf(op), type.empty() ? text(op["ir"]) : type,
                        text(op["direction"]), text(op["class"]),
                        joined(op["reads"], "type"),
                        joined(op["stores"], "type"), op["casts"].size(),
                        text(op["reason"]) + " (" + text(op["origin"]) + ")");
  }
  const json &totals = report["totals"];
  os << "\nops:";
  for (const auto &[format, count] : totals["ops"].items())
    if (count != 0)
      os << " " << count.get<int64_t>() << " " << format;
  os << "\ncasts in " << text(report["entry"]) << ": "
     << totals["casts"].get<int64_t>() << ", "
     << totals["cast_bytes"].get<int64_t>() << " bytes read and written\n";
  for (const json &copy : report["copies"])
    os << "narrow copy: @" << text(copy["name"]) << ", "
       << copy["bytes"].get<int64_t>() << " bytes\n";
  os << "bytes saved in what ops store: "
     << totals["bytes_saved"].get<int64_t>() << "\n";
}
