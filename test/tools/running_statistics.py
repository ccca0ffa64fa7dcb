#!/usr/bin/env python3
"""Succeeds if the running statistics of test/frontend/Inputs/eval-norm.onnxtxt are
those of the file in the first checkpoint and changed in the second, and its scale
was trained in both.

usage: running_statistics.py FROZEN TRAINED
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "training"))
import safetensors  # noqa: E402

frozen, trained = (safetensors.read(path)[0] for path in sys.argv[1:])
for name, values in (("norm.running_mean", [0.5, -0.5]), ("norm.running_var", [1, 2])):
    assert frozen[name].tolist() == values, (name, frozen[name])
    assert trained[name].tolist() != values, name
for state in (frozen, trained):
    assert state["norm.weight"].tolist() != [1, 1], state["norm.weight"]
