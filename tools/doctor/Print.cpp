#include "tools/doctor/Doctor.h"
#include <algorithm>
#include <nlohmann/json.hpp>

namespace mpc::doctor {

void printText(const Report &report, std::ostream &out) {
  size_t width = 0;
  for (const Finding &finding : report.findings)
    width = std::max(width, finding.name.size());
  for (const Finding &finding : report.findings) {
    out << (finding.found    ? "found    "
            : finding.needed ? "MISSING  "
                             : "missing  ")
        << finding.name << std::string(width + 2 - finding.name.size(), ' ')
        << finding.what << '\n';
    if (finding.found)
      continue;
    std::string indent(9 + width + 2, ' ');
    out << indent << "lost: " << finding.lost << '\n'
        << indent << "next: " << finding.next << '\n';
  }
  out << (report.ready() ? "mpc can compile and train on this machine"
                         : "mpc lacks what is marked MISSING")
      << '\n';
}

void printJson(const Report &report, const std::string &version,
               std::ostream &out) {
  nlohmann::ordered_json json = {{"version", version},
                                 {"ready", report.ready()},
                                 {"findings", nlohmann::json::array()},
                                 {"devices", nlohmann::json::array()}};
  for (const Finding &finding : report.findings)
    json["findings"].push_back({{"name", finding.name},
                                {"needed", finding.needed},
                                {"found", finding.found},
                                {"what", finding.what},
                                {"lost", finding.lost},
                                {"next", finding.next}});
  for (const Device &device : report.devices)
    json["devices"].push_back({{"name", device.name},
                               {"arch", device.arch},
                               {"memory_bytes", device.memoryBytes}});
  // Paths may hold any bytes.
  out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
      << '\n';
}

} // namespace mpc::doctor
