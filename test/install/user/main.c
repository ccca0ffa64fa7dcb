#include <mpcrt/runtime.h>

#include <string.h>

int main(void) { return strcmp(mpcrt_version(), "0.1.0"); }
