// mpc-fits-schema NAME FILE: succeeds if the JSON in FILE fits
// docs/schemas/NAME.schema.json.
#include "test/unit/train/Schema.h"

#include <iostream>

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  if (fitsSchema(readAll(argv[2]), argv[1]))
    return 0;
  std::cerr << argv[2] << " does not fit " << argv[1] << ".schema.json\n";
  return 1;
}
