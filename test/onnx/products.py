"""Writes a JSON model of many MatMul and Einsum layers with arrays for its inputs, or
compares what `mpc eval` made of it with NumPy.

usage: products.py write FOLDER | products.py compare FOLDER
"""
import functools
import json
import os
import sys

import numpy

SHAPES = {"v": (4,), "m": (3, 4), "n": (4, 5), "k": (5, 2), "s": (4, 4), "o": (1, 4), "t": (2, 3, 4), "u": (2, 4, 5),
          "w": (6, 1, 3, 4), "q": (2, 3, 4, 4)}
# Every letter is one of these inputs.
MATMULS = ["vv", "vn", "mv", "mn", "tn", "tu", "wu", "wn", "mu", "tv", "vu", "qs"]
EINSUMS = [("bij, bjk -> bik", "tu"), ("...ij,...jk->...ik", "wu"), ("ij,jk", "mn"), ("ij,kj->ki", "mm"),
           ("i,i->", "vv"), ("i,j->ij", "vv"), ("ij->ji", "m"), ("ij->", "m"), ("ij->j", "m"), ("bhij->bjhi", "q"),
           ("ij,jk,kl->il", "mnk"), ("ij,i,j->", "svv"), ("ij,kj->kj", "ms"), ("bij,bkj->bik", "tt"),
           ("bij,bik->jk", "tt"), ("...i,...i->...i", "mo"), ("b...,b...->...", "tt"), ("xA,xB", "nn"),
           ("bhij,bhkj->bhik", "qq"), ("...ii->...i", "q"), ("ii", "s"), ("bhii,ij->bhj", "qs")]


def layers():
    """Name, function, names of the operands and JSON layer of each product."""
    for number, names in enumerate(MATMULS):
        yield "matmul%d" % number, numpy.matmul, names, {"op": "MatMul"}
    for number, (equation, names) in enumerate(EINSUMS):
        yield ("einsum%d" % number, functools.partial(numpy.einsum, equation.replace(" ", "")), names,
               {"op": "Einsum", "equation": equation})


def arrays():
    generator = numpy.random.default_rng(1)
    return {name: generator.integers(-3, 4, shape).astype("float32") for name, shape in SHAPES.items()}


def write(folder):
    model = {"inputs": {name: list(shape) for name, shape in SHAPES.items()}, "layers": [], "outputs": []}
    for name, _, operands, layer in layers():
        model["layers"].append({**layer, "name": name, "inputs": list(operands)})
        model["outputs"].append(name)
    with open(os.path.join(folder, "products.json"), "w", encoding="utf-8") as file:
        json.dump(model, file)
    for name, array in arrays().items():
        numpy.save(os.path.join(folder, name + ".npy"), array)
        print("--input %s=%s" % (name, os.path.join(folder, name + ".npy")), end=" ")


def compare(folder):
    found, inputs = numpy.load(os.path.join(folder, "out.npz")), arrays()
    for name, function, operands, _ in layers():
        expected = function(*(inputs[operand] for operand in operands))
        assert found[name].shape == expected.shape, (name, found[name].shape, expected.shape)
        # Sums of products of small whole numbers are exact in any order.
        assert (found[name] == expected).all(), name
        print("ok", name)


if __name__ == "__main__":
    {"write": write, "compare": compare}[sys.argv[1]](sys.argv[2])
