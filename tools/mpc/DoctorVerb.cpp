#include "tools/mpc/DoctorVerb.h"
#include "mpcrt/runtime.h"
#include "tools/doctor/Doctor.h"
#include <iostream>
#include <memory>

namespace mpc {

void addDoctorVerb(CLI::App &app, int &exitCode) {
  auto json = std::make_shared<bool>(false);
  CLI::App *verb = app.add_subcommand(
      "doctor",
      "Tells what this machine has, and what is lost without the rest");
  verb->add_flag("--json", *json,
                 "Prints JSON (docs/schemas/doctor.schema.json)");
  verb->callback([=, &exitCode] {
    doctor::Report report = doctor::examine(doctor::thisMachine());
    if (*json)
      doctor::printJson(report, mpcrt_version(), std::cout);
    else
      doctor::printText(report, std::cout);
    exitCode = report.ready() ? MPCRT_OK : MPCRT_DEVICE;
  });
}

} // namespace mpc
