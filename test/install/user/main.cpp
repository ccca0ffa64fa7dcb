#include "net.h"

#include <mpcrt/runtime.h>

#include <cstdio>
#include <cstring>

// What the stand-in for the compiler wrote is there and is no artifact.
int main() {
  mpcrt_program *program = nullptr;
  mpcrt_code code = mpcrt_open(NET_MPX, nullptr, &program);
  std::puts(mpcrt_last_error(program));
  bool named = std::strstr(mpcrt_last_error(program), NET_MPX) != nullptr;
  mpcrt_close(program);
  return code == MPCRT_DAMAGED && named ? 0 : 1;
}
