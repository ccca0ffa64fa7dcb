/* The public header must stand alone in strict C99. */
#include <mpcrt/runtime.h>

int headerIsC(void);
int headerIsC(void) { return MPCRT_OK; }
