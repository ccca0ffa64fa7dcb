"""Writes a JSON model of LpPool layers with an array for its input, or compares what
`mpc eval` made of it with NumPy.

usage: pools.py write FOLDER | pools.py compare FOLDER
"""
import json
import os
import sys

import numpy

SHAPE = (2, 3, 7, 9)
# Kernel, stride, pads (begins, then ends), ceil_mode and p of each layer; the last is global.
WINDOWS = [((2, 3), (1, 2), (0, 0, 0, 0), 0, 1), ((3, 2), (2, 2), (1, 0, 1, 1), 1, 2),
           ((3, 3), (3, 4), (0, 0, 0, 0), 1, 3), ((7, 9), (1, 1), (0, 0, 0, 0), 0, 2)]


def array():
    return numpy.random.default_rng(1).standard_normal(SHAPE).astype("float32")


def pool(x, kernel, stride, pads, ceil, p):
    """The p-th root of the sum of |x|^p over each window, in f64."""
    counts = []
    for d in (0, 1):
        padded = x.shape[2 + d] + pads[d] + pads[2 + d]
        room = padded - kernel[d]
        count = room // stride[d] + 1
        if ceil and room % stride[d] and count * stride[d] < x.shape[2 + d] + pads[d]:
            count += 1
        counts.append(count)
    more = [(pads[d], pads[2 + d] + kernel[d] + stride[d]) for d in (0, 1)]
    powers = numpy.pad(numpy.abs(x.astype("float64")) ** p, [(0, 0), (0, 0), *more])
    result = numpy.zeros(x.shape[:2] + tuple(counts))
    for i in range(counts[0]):
        for j in range(counts[1]):
            window = powers[:, :, i * stride[0]:i * stride[0] + kernel[0], j * stride[1]:j * stride[1] + kernel[1]]
            result[:, :, i, j] = window.sum((2, 3)) ** (1 / p)
    return result


def write(folder):
    layers = []
    for number, (kernel, stride, pads, ceil, p) in enumerate(WINDOWS):
        layers.append({"op": "LpPool", "name": "p%d" % number, "inputs": ["x"],
                       "attributes": {"kernel_shape": kernel, "strides": stride, "pads": pads, "ceil_mode": ceil,
                                      "p": p}})
    layers[-1] = {"op": "GlobalLpPool", "name": layers[-1]["name"], "inputs": ["x"]}
    with open(os.path.join(folder, "pools.json"), "w", encoding="utf-8") as file:
        json.dump({"inputs": {"x": SHAPE}, "layers": layers, "outputs": [layer["name"] for layer in layers]}, file)
    numpy.save(os.path.join(folder, "x.npy"), array())


def compare(folder):
    found = numpy.load(os.path.join(folder, "out.npz"))
    for number, window in enumerate(WINDOWS):
        expected = pool(array(), *window)
        # A power and a root of at most two units in the last place each, and at most 63 sums of positive terms:
        # less than 70 roundings to f32.
        numpy.testing.assert_allclose(found["p%d" % number], expected, rtol=70 * 2.0**-24, atol=0)
        print("ok", window)


if __name__ == "__main__":
    {"write": write, "compare": compare}[sys.argv[1]](sys.argv[2])
