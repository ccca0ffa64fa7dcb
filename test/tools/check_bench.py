#!/usr/bin/env python3
"""Checks that a report of `bench --json` has the launches of the artifact's training step,
in order, with their bytes and operations, and that its sums and shares are right.

usage: check_bench.py REPORT.json ARTIFACT.mpx
"""
import json
import math
import struct
import sys

report = json.load(open(sys.argv[1], encoding="utf-8"))
with open(sys.argv[2], "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
manifest = json.loads(header["__metadata__"]["mpc.manifest"])
target = next(target for target in manifest["targets"] if target["target"] == report["target"])
launches = target["entries"]["train_step"]["launches"]
assert len(report["launches"]) == len(launches) > 0
for ours, theirs in zip(report["launches"], launches):
    assert ours["kernel"] == target["kernels"][theirs["kernel"]]["name"]
    for key in ("bytes_read", "bytes_written", "flops", "type", "op", "direction"):
        assert ours[key] == theirs[key], (key, ours, theirs)
    bytes_time = (ours["bytes_read"] + ours["bytes_written"]) / report["ceilings"]["copy_bytes_per_second"]
    rate = report["ceilings"]["flops_per_second"][ours["type"]]
    least = max(bytes_time, ours["flops"] / rate if rate else 0)
    assert math.isclose(ours["least_seconds"], least, rel_tol=1e-12), (ours, least)
    assert ours["seconds"] > 0
    assert math.isclose(ours["share"], least / ours["seconds"], rel_tol=1e-12)
assert math.isclose(report["launch_seconds"], sum(launch["seconds"] for launch in report["launches"]), rel_tol=1e-9)
assert math.isclose(report["least_seconds"], sum(launch["least_seconds"] for launch in report["launches"]), rel_tol=1e-9)
assert report["step_seconds"] > 0 and report["host_step_seconds"] > 0
