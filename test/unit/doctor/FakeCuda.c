/* A CUDA driver with two devices, with none, one that does not start or one
 * that is old. It has no functions but those that describe it. */
#include <stddef.h>
#include <stdio.h>

int cuInit(unsigned flags) {
#ifdef NO_INIT
  return flags == 0 ? 100 : 1; /* CUDA_ERROR_NO_DEVICE */
#else
  return flags == 0 ? 0 : 1;
#endif
}

int cuDriverGetVersion(int *version) {
#ifdef OLD
  *version = 11080;
#else
  *version = 12080;
#endif
  return 0;
}

int cuDeviceGetCount(int *count) {
#ifdef TWO_DEVICES
  *count = 2;
#else
  *count = 0;
#endif
  return 0;
}

int cuDeviceGet(int *device, int ordinal) {
  *device = 40 + ordinal;
  return ordinal < 2 ? 0 : 101;
}

int cuDeviceGetName(char *name, int length, int device) {
  snprintf(name, (size_t)length, "Card %d", device);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  if (attribute == 75)
    *value = device == 40 ? 9 : 8;
  else if (attribute == 76)
    *value = device == 40 ? 0 : 6;
  else
    return 1;
  return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = (size_t)(device - 39) << 30;
  return 0;
}
