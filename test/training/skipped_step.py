#!/usr/bin/env python3
"""Checks that one step between two checkpoints was skipped as it should be.

usage: skipped_step.py BEFORE.safetensors AFTER.safetensors LOG.jsonl
"""
import json
import sys

import safetensors

before, manifest_before = safetensors.read(sys.argv[1])
after, manifest_after = safetensors.read(sys.argv[2])
steps = [entry for entry in map(json.loads, open(sys.argv[3], encoding="utf-8"))
         if "loss_scale" in entry]
assert len(steps) == 1, steps
assert steps[0]["applied"] in (0, False), steps
assert steps[0]["nonfinite_count"] > 0, steps
assert after["loss_scale"] == before["loss_scale"] / 2, (before["loss_scale"], after["loss_scale"])
assert after["skipped_steps"] == before["skipped_steps"] + 1
assert manifest_after["digest"] == manifest_before["digest"]
for name in before:
    if name not in ("loss_scale", "skipped_steps", "good_steps", "bad_steps"):
        assert before[name].tobytes() == after[name].tobytes(), name
assert "applied_steps" in before and any("running_mean" in name or "mean" in name for name in before), list(before)
assert manifest_after["loop"]["position"] > manifest_before["loop"]["position"]
