#!/usr/bin/env python3
"""Writes weights and data for which the sums of the forward part are exact.

Weights and inputs are small multiples of a power of two. Whatever the order of
summation, the layers' sums are then exact in f32, so nothing of the forward part
(signs at ReLU, winners of a maximum, logits) is lost in the bounds of
numpy_bounds.py, however wide the layers are. With --precision fp16 or bf16 each
number is moved off its multiple by less than half of the narrow format's last
bit: reading anything else than its rounding to that format gives other results.

usage: numpy_grid.py M.mpx WEIGHTS.safetensors DATA.npz --batches N
"""
import argparse
import json

import numpy as np

import safetensors

# Half of the last bit, relative to the number: 2^-12 and 2^-9 at least.
OFFSET = {"fp32": 0.0, "fp16": 2.0**-13, "bf16": 2.0**-10}


def grid(random, shape, unit, precision):
    numbers = unit * random.integers(-3, 4, shape)
    return numbers * (1 + OFFSET[precision] * random.uniform(-1, 1, shape))


def weights_of(manifest, random, precision):
    states = {state["name"]: state for state in manifest["states"]
              if state["role"] in ("parameter", "constant", "statistic")}
    result = {}
    for name, state in states.items():
        layer, kind = name.rsplit(".", 1)
        weight = states.get(layer + ".weight")
        if weight is None:
            # A normalisation, which leaves the grid in any case.
            least = 0.5 if kind in ("scale", "running_var") else -1
            result[name] = random.uniform(least, 1.5, state["shape"])
            continue
        # A standard deviation of 1 / sqrt(fan in) or a little less.
        fan_in = np.prod(weight["shape"][1:])
        unit = 2.0**np.floor(np.log2(0.5 / np.sqrt(fan_in)))
        result[name] = grid(random, state["shape"], unit, precision)
    return {name: value.astype(np.float32) for name, value in result.items()}


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, value in tensors.items():
        dtype = "I64" if value.dtype == np.int64 else "F32"
        raw = value.astype("<i8" if dtype == "I64" else "<f4").tobytes()
        header[name] = {"dtype": dtype, "shape": list(value.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("artifact")
    parser.add_argument("weights")
    parser.add_argument("data")
    parser.add_argument("--batches", type=int, required=True)
    options = parser.parse_args()
    _, manifest = safetensors.read(options.artifact)
    precision = manifest["training"]["precision"]
    random = np.random.default_rng(11)
    write_safetensors(options.weights, weights_of(manifest, random, precision))
    model_input, label = manifest["inputs"][0], manifest["label"]
    rows = options.batches * manifest["training"]["batch"]
    x = grid(random, [rows, *model_input["shape"][1:]], 0.25, precision)
    y = random.integers(0, label["classes"], rows)
    np.savez(options.data, x=x.astype(np.float32), y=y)


if __name__ == "__main__":
    main()
