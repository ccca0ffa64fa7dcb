#!/usr/bin/env python3
"""Prints the names of the kernels of a cubin, one a line, in alphabetical order: the
entry functions in the symbol table of its ELF file.

usage: cubin_kernels.py FILE.cubin
"""
import struct
import sys

SYMTAB, FUNC, ENTRY = 2, 2, 0x10  # sh_type, symbol type, st_other of CUDA entries

data = open(sys.argv[1], "rb").read()
assert data[:6] == b"\x7fELF\x02\x01", "no 64-bit little-endian ELF file"
table, = struct.unpack_from("<Q", data, 40)
size, count = struct.unpack_from("<HH", data, 58)
sections = [struct.unpack_from("<IIQQQQIIQQ", data, table + i * size) for i in range(count)]
names = []
for _, kind, _, _, offset, length, link, _, _, _ in sections:
    if kind != SYMTAB:
        continue
    strings = sections[link][4]
    for at in range(offset, offset + length, 24):
        name, info, other = struct.unpack_from("<IBB", data, at)
        if info & 15 == FUNC and other & ENTRY:
            start = strings + name
            names.append(data[start:data.index(b"\0", start)].decode())
print("\n".join(sorted(names)))
