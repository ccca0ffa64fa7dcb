#!/usr/bin/env python3
"""Writes an .npz with standard normal x (float32) and labels y (int64).

usage: make_data.py OUT.npz SHAPE CLASSES [--scale-rows FROM:TO:FACTOR]

SHAPE is like 128x3x32x32, samples first. --scale-rows multiplies some samples.
"""
import argparse

import numpy


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("shape")
    parser.add_argument("classes", type=int)
    parser.add_argument("--scale-rows")
    arguments = parser.parse_args()
    shape = [int(size) for size in arguments.shape.split("x")]
    random = numpy.random.default_rng(7)
    x = random.standard_normal(shape).astype(numpy.float32)
    if arguments.scale_rows:
        begin, end, factor = arguments.scale_rows.split(":")
        x[int(begin):int(end)] *= numpy.float32(float(factor))
    y = random.integers(0, arguments.classes, shape[0], dtype=numpy.int64)
    numpy.savez(arguments.out, x=x, y=y)


main()
