// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=512x1024:NT:f16=128x64})' 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x784:NT:f32=128x64x3x1x2})' 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=96x64x3x1x2})' 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=64x32x3x1x2})' 2>&1 | FileCheck %s --check-prefix=COLUMNS
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=128x256x5x1x1})' 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=64x64x1152921504606846976x1x1})' 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=128x64x3x2x2})' 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x784:NT:f16=128x64x3x1x9})' 2>&1 | FileCheck %s --check-prefix=MANY
// RUN: not mpc-opt %s --pass-pipeline='builtin.module(mpc-choose-tiles{tiles=1x512x1024x100:NT:f16=128x64x3x1x4})' 2>&1 | FileCheck %s --check-prefix=PARTS

// FORM: '512x1024:NT:f16=128x64' is no product and tile, such as 1x512x1024x784:NT:f16=128x64x3x1x2
// TYPE: '1x512x1024x784:NT:f32=128x64x3x1x2' is no product and tile
// ROWS: tile 96x64x3x1x2 of product 1x512x1024x784:NT:f16: its rows are not 64, 128 or 192
// COLUMNS: its columns are not 64, 128, 192 or 256
// MEMORY: its stages need more than the 232448 bytes that a block has
// BOTH: blocks either share columns or have parts of the depth
// MANY: at most 2 blocks share columns, and at most 8 have parts
// PARTS: fewer parts of the same size make up the depth
module {
}
