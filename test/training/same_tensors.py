#!/usr/bin/env python3
"""Succeeds if two checkpoints hold the same tensors, bit for bit. A tensor that
only one has is named; --common compares what both have.

usage: same_tensors.py A.safetensors B.safetensors [--common]
"""
import sys

import safetensors

left, _ = safetensors.read(sys.argv[1])
right, _ = safetensors.read(sys.argv[2])
names = set(left) & set(right) if "--common" in sys.argv else set(left) | set(right)
assert any(tensor.size > 1 for tensor in left.values()), "no tensors to compare"
different = [name for name in sorted(names)
             if name not in left or name not in right or left[name].tobytes() != right[name].tobytes()]
for name in different:
    print("differs: " + name)
sys.exit(1 if different else 0)
