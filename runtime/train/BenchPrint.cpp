#include "runtime/train/Bench.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace mpcrt::train {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

std::string number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Such as `4.21 TB/s`.
std::string rate(double value, const std::string &unit) {
  constexpr double tera = 1e12, giga = 1e9;
  return value >= tera ? number(value / tera, 2) + " T" + unit
                       : number(value / giga, 1) + " G" + unit;
}

std::string microseconds(double seconds) { return number(seconds * 1e6, 2); }

std::string place(const BenchReport &report) {
  const std::string device = report.device.device;
  return (device == "cpu" ? "the cpu (" : "GPU " + device + " (") +
         report.device.name + "), code for " + report.device.target +
         ", batch " + std::to_string(report.batch) + ", " +
         std::to_string(report.steps) + " steps";
}

std::string ceilingsLine(const mpcrt_ceilings &ceilings) {
  std::string line = "copy " + rate(ceilings.copy_bytes, "B/s") + " (measured)";
  if (ceilings.f32 <= 0)
    return line + "; flops per second are not known for this device";
  line += "; f32 " + rate(ceilings.f32, "FLOP/s") + ", f16 " +
          rate(ceilings.f16, "FLOP/s") + ", bf16 " +
          rate(ceilings.bf16, "FLOP/s") + " (" + ceilings.source + ")";
  return line;
}

Row header() {
  return {"kernel",   "node",    "op",         "direction", "provider",
          "us",       "MB read", "MB written", "Mflop",     "type",
          "least us", "bound",   "share"};
}

Row rowOf(const BenchLaunch &launch) {
  const mpcrt_launch_info &info = launch.info;
  return {info.kernel,
          info.node,
          info.op,
          info.direction,
          info.provider,
          microseconds(launch.seconds),
          number(double(info.bytes_read) / 1e6, 3),
          number(double(info.bytes_written) / 1e6, 3),
          number(double(info.flops) / 1e6, 3),
          info.type,
          microseconds(launch.least),
          launch.boundByFlops ? "flops" : "bytes",
          number(100 * launch.share(), 0) + "%"};
}

/// Whether a column holds numbers, which end in a line.
bool isNumeric(const std::string &title) {
  return title != "kernel" && title != "node" && title != "op" &&
         title != "direction" && title != "provider" && title != "type" &&
         title != "bound";
}

std::vector<Row> rowsOf(const BenchReport &report) {
  std::vector<Row> rows = {header()};
  for (const BenchLaunch &launch : report.launches)
    rows.push_back(rowOf(launch));
  return rows;
}

std::vector<std::string> totals(const BenchReport &report) {
  return {"sum of " + std::to_string(report.launches.size()) +
              " launches: " + microseconds(report.launchSeconds()) +
              " us, least " + microseconds(report.leastSeconds()) + " us",
          "step: " + microseconds(report.step) + " us",
          "step with the host: " + microseconds(report.hostStep) + " us, " +
              number(double(report.batch) / report.hostStep, 0) + " samples/s"};
}

} // namespace

void printBench(const BenchReport &report, std::ostream &out) {
  out << place(report) << '\n' << ceilingsLine(report.ceilings) << '\n';
  const std::vector<Row> rows = rowsOf(report);
  std::vector<size_t> widths(rows[0].size());
  for (const Row &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  for (const Row &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - row[i].size(), ' ');
      line += (i ? "  " : "") +
              (isNumeric(rows[0][i]) ? gap + row[i] : row[i] + gap);
    }
    out << line << '\n';
  }
  for (const std::string &line : totals(report))
    out << line << '\n';
}

void printBenchMarkdown(const BenchReport &report, std::ostream &out) {
  out << place(report) << ". " << ceilingsLine(report.ceilings) << ".\n\n";
  const std::vector<Row> rows = rowsOf(report);
  for (size_t n = 0; n < rows.size(); ++n) {
    out << '|';
    for (const std::string &cell : rows[n])
      out << ' ' << cell << " |";
    out << '\n';
    if (n > 0)
      continue;
    out << '|';
    for (const std::string &title : rows[0])
      out << (isNumeric(title) ? "---:|" : "---|");
    out << '\n';
  }
  for (const std::string &line : totals(report))
    out << "\n- " << line;
  out << '\n';
}

void printBenchJson(const BenchReport &report, std::ostream &out) {
  auto known = [](double value) { return value > 0 ? Json(value) : Json(); };
  const mpcrt_ceilings &ceilings = report.ceilings;
  Json document = {{"mpc_bench", 1},
                   {"artifact", report.artifact},
                   {"device", report.device.device},
                   {"name", report.device.name},
                   {"target", report.device.target},
                   {"batch", report.batch},
                   {"steps", report.steps},
                   {"ceilings",
                    {{"copy_bytes_per_second", ceilings.copy_bytes},
                     {"flops_per_second",
                      {{"f32", known(ceilings.f32)},
                       {"f16", known(ceilings.f16)},
                       {"bf16", known(ceilings.bf16)}}},
                     {"source", ceilings.source}}},
                   {"launches", Json::array()}};
  for (const BenchLaunch &launch : report.launches)
    document["launches"].push_back(
        {{"kernel", launch.info.kernel},
         {"node", launch.info.node},
         {"op", launch.info.op},
         {"direction", launch.info.direction},
         {"provider", launch.info.provider},
         {"type", launch.info.type},
         {"bytes_read", launch.info.bytes_read},
         {"bytes_written", launch.info.bytes_written},
         {"flops", launch.info.flops},
         {"seconds", launch.seconds},
         {"least_seconds", launch.least},
         {"bound", launch.boundByFlops ? "flops" : "bytes"},
         {"share", launch.share()}});
  document["launch_seconds"] = report.launchSeconds();
  document["least_seconds"] = report.leastSeconds();
  document["step_seconds"] = report.step;
  document["host_step_seconds"] = report.hostStep;
  out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

} // namespace mpcrt::train
