#!/usr/bin/env python3
"""Compiles a model under random precision policies and trains each for two steps.
The compiler verifies the IR after every pass.

usage: random_policies.py MODEL.json DATA.npz COUNT FOLDER
"""
import json
import os
import random
import subprocess
import sys

model, data, count, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
generator = random.Random(20220823)
explained = subprocess.run(["mpc", "explain", model, "--json"], stdout=subprocess.PIPE, check=True)
nodes = sorted({node for op in json.loads(explained.stdout)["ops"] for node in op["node"]
                if op["direction"] != "update"})
artifact, policy = os.path.join(folder, "m.mpx"), os.path.join(folder, "policy.json")
narrow = set()
for number in range(count):
    rules = []
    for node in nodes:
        for direction in ("forward", "backward"):
            if generator.random() < 0.5:
                rules.append({"class": generator.choice(["allow", "infer", "clear", "deny"]),
                              "node": node, "direction": direction})
    with open(policy, "w", encoding="utf-8") as file:
        json.dump({"mpc_policy": 1, "base": generator.choice(["default", "none", "all"]), "rules": rules}, file)
    precision = generator.choice(["fp16", "bf16"])
    compiled = subprocess.run(["mpc", "compile", model, "--precision", precision, "--policy", policy, "-o", artifact],
                              stderr=subprocess.PIPE, text=True)
    assert compiled.returncode == 0, (number, rules, compiled.stderr)
    log = os.path.join(folder, "log.jsonl")
    trained = subprocess.run(["mpc-run", "train", artifact, "--data", data, "--steps", "2", "--log-jsonl", log],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert trained.returncode == 0, (number, rules, trained.stderr)
    steps = [json.loads(line) for line in open(log, encoding="utf-8") if '"loss_scale"' in line]
    assert len(steps) == 2, steps
    narrow.add(steps[0]["loss"])
# The policies must differ in what they do.
assert len(narrow) > count / 20, narrow
