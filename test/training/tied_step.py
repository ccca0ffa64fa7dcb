#!/usr/bin/env python3
"""Succeeds if the step of a tied weight is the sum of the steps of the two weights
that are not tied, and two biases of equal bytes made equal steps of their own.

usage: tied_step.py TIED UNTIED
"""
import sys

import numpy
import safetensors

START = numpy.array([[0.5, -0.25, 1, 0.75], [-0.5, 0.125, 0.25, 1], [-1, 0.5, 0.75, 0.25]])
tied, untied = (safetensors.read(path)[0] for path in sys.argv[1:])
steps = [untied[name].astype(numpy.float64) - START for name in ("w", "v")]
assert all(numpy.abs(step).max() > 1e-3 for step in steps), steps
difference = tied["w"] - START - steps[0] - steps[1]
# Each of four f32 results below 2 is rounded to 2^-24 at most, and the gradients'
# sum once more.
assert numpy.abs(difference).max() <= 6 * 2.0**-24, difference
assert (tied["b1"] == tied["b2"]).all() and (tied["b1"] != [0.5, 0.25, -0.5]).all(), tied["b1"]
