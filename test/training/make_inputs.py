#!/usr/bin/env python3
"""Writes random data for every input and label of an artifact: floats are standard
normal, integers lie below a bound and labels are 0 or 1.

usage: make_inputs.py ARTIFACT OUT.npz SAMPLES [--below N] [--tool mpc]
"""
import argparse
import json
import subprocess

import numpy


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("artifact")
    parser.add_argument("out")
    parser.add_argument("samples", type=int)
    parser.add_argument("--below", type=int, default=2)
    parser.add_argument("--tool", default="mpc", help="mpc or mpc-run")
    arguments = parser.parse_args()
    info = json.loads(subprocess.run([arguments.tool, "info", arguments.artifact, "--json"], stdout=subprocess.PIPE, check=True,
                                     text=True).stdout)
    random = numpy.random.default_rng(7)
    arrays = {}
    for tensor in info["tensors"]:
        shape = [arguments.samples] + tensor["shape"][1:]
        is_float = tensor["dtype"].lower() == "f32"
        if tensor["role"] == "label":
            labels = random.integers(0, 2, shape)
            arrays[tensor["name"]] = labels.astype(numpy.float32 if is_float else numpy.int64)
        elif tensor["role"] == "input":
            arrays[tensor["name"]] = (random.standard_normal(shape).astype(numpy.float32) if is_float else
                                      random.integers(0, arguments.below, shape, dtype=numpy.int64))
    numpy.savez(arguments.out, **arrays)


main()
