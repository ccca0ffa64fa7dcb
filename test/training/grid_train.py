#!/usr/bin/env python3
"""Compiles a model, gives it the weights and data of numpy_grid.py, and trains it
so that numpy_steps.py can judge its steps.

usage: grid_train.py FOLDER STEPS SETTINGS MODEL [COMPILE OPTION...]

All steps but the last have a learning rate of 0: they move moments and
statistics and leave the weights where numpy_grid.py put them. SETTINGS (like
lr=1,weight_decay=0.1) hold for the last step.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def call(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        print(" ".join(command), done.stdout, sep="\n")
        sys.exit(done.returncode)


def chosen(*settings):
    return [part for setting in settings for part in ("--set", setting)]


def main():
    folder, steps, settings, model, *options = sys.argv[1:]
    os.makedirs(folder)
    artifact, weights, data, first, last = (
        os.path.join(folder, name) for name in
        ("m.mpx", "weights", "data.npz", "first.jsonl", "last.jsonl"))
    call("mpc", "compile", model, *options, "-o", artifact)
    call(sys.executable, os.path.join(HERE, "numpy_grid.py"), artifact, weights,
         data, "--batches", steps)
    train = ["mpc", "train", artifact, "--data", data, "--no-shuffle",
             "--save-every", "1", "--checkpoint", folder]
    # Far from overflow, so that no step is skipped.
    scaled = ["loss_scale=1024"] if "fp16" in options else []
    call(*train, *chosen("lr=0", *scaled), "--steps", str(int(steps) - 1),
         "--init", weights, "--log-jsonl", first)
    call(*train, *chosen(*settings.split(",")), "--steps", steps, "--resume",
         "--log-jsonl", last)


main()
