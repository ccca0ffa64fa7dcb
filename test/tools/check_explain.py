#!/usr/bin/env python3
"""Checks that a precision report agrees with the IR after the cast phase.

usage: check_explain.py REPORT.json IR.mlir
"""
import json
import re
import sys

report = json.load(open(sys.argv[1], encoding="utf-8"))
functions = {}
for line in open(sys.argv[2], encoding="utf-8"):
    opened = re.match(r"\s*func\.func @(\w+)", line)
    if opened:
        functions[opened.group(1)] = body = []
    elif functions:
        body.append(line)

for name, counts in report["casts_in"].items():
    casts = sum(" mpc.cast " in line for line in functions[name])
    assert casts == counts["inserted"] + counts["model"], (name, casts, counts)
assert len(report["casts"]) == report["casts_in"]["train_step"]["inserted"]

for direction in ("forward", "backward"):
    ops = [op for op in report["ops"] if op["direction"] == direction]
    lines = [line for line in functions["train_step"]
             if "direction<%s>" % direction in line and "precision = " in line
             and " mpc.read " not in line and " mpc.constant " not in line]
    assert len(ops) == len(lines) > 0, (direction, len(ops), len(lines))
    for op, line in zip(ops, lines):
        assert op["ir"] in line, (op["ir"], line)
        # The types in the IR are those that the report tells.
        signature = line[line.rindex(" : ") + 3:]
        operands, _, results = signature.partition(" -> ")
        element = re.compile(r"tensor<(?:\d+x)*(b?f\d+)>")
        floats = lambda slots: [slot["type"] for slot in slots if "f" in slot["type"]]
        assert element.findall(results) == floats(op["stores"]), (line, op)
        assert element.findall(operands) == floats(op["reads"]), (line, op)
        assert op["reason"] and op["origin"], op
