#!/usr/bin/env python3
"""Gives the 8x8 digits the shape that a program wants.

usage: prepare.py flat|images IN.npz OUT.npz

flat: 64 numbers per digit. images: 3x32x32; every pixel becomes 4x4 pixels, and
every image gets a colour of its own.
"""
import sys

import numpy

data = numpy.load(sys.argv[2])
x = data["x"]
if sys.argv[1] == "flat":
    x = x.reshape(len(x), 64)
else:
    colours = numpy.random.default_rng(1).uniform(0.5, 1.0, (len(x), 3, 1, 1))
    x = (x.repeat(4, axis=2).repeat(4, axis=3) * colours).astype(numpy.float32)
numpy.savez(sys.argv[3], x=x, y=data["y"])
