#!/usr/bin/env python3
"""Succeeds if the mean of the last 10 losses of a training log is below that of
the first 10 and all are finite.

usage: losses_fall.py LOG.jsonl
"""
import json
import math
import sys

losses = []
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    if "step" in entry and "loss_scale" in entry:
        losses.append(entry["loss"])
first, last = losses[:10], losses[-10:]
print("first 10: %.4f, last 10: %.4f" % (sum(first) / 10, sum(last) / 10))
assert len(losses) >= 20 and all(map(math.isfinite, losses)), losses
assert sum(last) < sum(first), "the loss did not fall"
