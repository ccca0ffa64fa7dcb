#!/usr/bin/env python3
"""Writes OUT.npz with x (float32, standard normal) and y, the labels 0, 1, 2, 0, ...

usage: make_data.py OUT.npz SAMPLES [WIDTH] [--label INDEX=VALUE]... [--labels VALUE] [--x INDEX=VALUE]
"""
import argparse

import numpy

parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("samples", type=int)
parser.add_argument("width", type=int, nargs="?", default=6)
parser.add_argument("--label", action="append", default=[])
parser.add_argument("--labels", type=int)
parser.add_argument("--x", action="append", default=[])
arguments = parser.parse_args()
x = numpy.random.default_rng(7).standard_normal((arguments.samples, arguments.width)).astype(numpy.float32)
y = numpy.arange(arguments.samples, dtype=numpy.int64) % 3
if arguments.labels is not None:
    y[:] = arguments.labels
for entry in arguments.label:
    index, value = entry.split("=")
    y[int(index)] = int(value)
for entry in arguments.x:
    index, value = entry.split("=")
    x[int(index), 0] = float(value)
numpy.savez(arguments.out, x=x, y=y)
