#!/usr/bin/env python3
"""Enlarges the 8x8 digits to 3x32x32 images: every pixel becomes 4x4 pixels, and
every image gets a colour of its own.

usage: make_images.py IN.npz OUT.npz
"""
import sys

import numpy

data = numpy.load(sys.argv[1])
x = data["x"].repeat(4, axis=2).repeat(4, axis=3)
colours = numpy.random.default_rng(1).uniform(0.5, 1.0, (len(x), 3, 1, 1))
numpy.savez(sys.argv[2], x=(x * colours).astype(numpy.float32), y=data["y"])
