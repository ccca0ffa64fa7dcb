#!/usr/bin/env python3
"""Compiles a model, trains two steps and has numpy_reference.py judge the
second one, which starts from moments that are not zero.

usage: one_step.py FOLDER MODEL NAME SHAPE OPTIMIZER PRECISION [COMPILE OPTION...]

NAME is the model's in numpy_reference.py, SHAPE that of a batch. With sgd the
second step has a learning rate of 1, so that it is the gradient.
"""
import json
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


def main():
    folder, model, name, shape, optimizer, precision, *options = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    path = lambda file: os.path.join(folder, file)
    batch, artifact, log = map(path, ("batch.npz", "model.mpx", "log.jsonl"))
    call(sys.executable, os.path.join(HERE, "make_data.py"), batch, shape, "10")
    call("mpc", "compile", model, "--loss", "cross-entropy", "--optimizer",
         optimizer, "--precision", precision, "-o", artifact, *options)
    train = ["mpc", "train", artifact, "--data", batch, "--no-shuffle",
             "--checkpoint", folder]
    call(*train, "--steps", "1", "--set", "lr=0.001")
    lr = 1 if optimizer == "sgd" else 0.001
    call(*train, "--steps", "2", "--resume", "--set", f"lr={lr}", "--log-jsonl",
         log)
    with open(log) as lines:
        events = [json.loads(line) for line in lines]
    loss = [event["loss"] for event in events if event["event"] == "step"][-1]
    extra = ["--nesterov"] if "--nesterov" in options else []
    call(sys.executable, os.path.join(HERE, "numpy_reference.py"), "--model",
         name, "--state", path("step-1.safetensors"), "--after",
         path("step-2.safetensors"), "--batch", batch, "--optimizer", optimizer,
         "--precision", precision, "--loss", repr(loss), *extra)


main()
