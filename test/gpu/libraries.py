#!/usr/bin/env python3
"""Trains a program of which libraries compute a part: twice on a GPU, and on the CPU.

usage: libraries.py MPC-RUN ARTIFACT DATA

Fails if a library is absent or leaves something to kernels, if the two runs of 100 steps differ in
a state after any step, or if a loss of the first 10 differs by more than 2 % from that on the CPU,
whose sums have another order.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

STEPS, COMPARED, TOLERANCE = 100, 10, 0.02


def steps_of(tool, artifact, data, steps, device):
    """What each step logs."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log.jsonl"
        done = subprocess.run([tool, "train", artifact, "--data", data, "--steps", str(steps), "--seed", "1", "--device", device,
                               "--log-digest", "--log-jsonl", log], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0 or "generated kernels run" in done.stderr:
            sys.exit(done.stderr.strip())
        return [event for event in map(json.loads, log.read_text().splitlines()) if event["event"] == "step"]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    first, second = (steps_of(*sys.argv[1:], STEPS, "0") for _ in range(2))
    cpu = steps_of(*sys.argv[1:], COMPARED, "cpu")
    for number, (one, other) in enumerate(zip(first, second, strict=True), 1):
        if one["digest"] != other["digest"]:
            sys.exit(f"two runs differ from step {number} on")
    for number, (gpu, exact) in enumerate(zip(first, cpu), 1):
        if not abs(gpu["loss"] - exact["loss"]) <= TOLERANCE * abs(exact["loss"]):
            sys.exit(f"step {number}: loss {gpu['loss']}, on the CPU {exact['loss']}")
    print(f"{len(first)} steps give the same states twice, {len(cpu)} the losses of the CPU")


main()
