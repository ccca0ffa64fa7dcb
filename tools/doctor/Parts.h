// The single examinations that make up a report.
#ifndef MPC_TOOLS_DOCTOR_PARTS_H
#define MPC_TOOLS_DOCTOR_PARTS_H

#include "tools/doctor/Doctor.h"

namespace mpc::doctor {

Finding examineCpu(const Places &places);
Finding examineAvx512(const Places &places);
Finding examineThreads();
Finding examineMemory(const Places &places);
Finding examineTemporary(const Places &places);
/// Also lists the driver's devices.
Finding examineDriver(const Places &places, std::vector<Device> &devices);
Finding examinePtxas(const Places &places);
Finding examineLibdevice(const Places &places);
Finding examineDot(const Places &places);

/// Such as `3.2 GiB`.
std::string gibibytes(uint64_t bytes);

} // namespace mpc::doctor

#endif
