#!/usr/bin/env python3
"""Checks training steps of mpc against an independent NumPy computation.

Reads what `mpc train --no-shuffle --save-every 1 --checkpoint FOLDER` and its logs
(FOLDER/*.jsonl) left and compares, for each of the given steps:

  the loss, the norm of the gradients, the learning rate, the loss scale;
  sgd          gradients, as (before - after) / lr, and momentum
  adam, adamw  both moments, and the weights against the optimizer's formula
               applied to the moments that mpc itself stored
  BatchNorm's running statistics

Bounds are derived: numpy_bounds.py says how. They must tell an error of 1 % (or
--telling) of the largest element of a tensor, or the check fails as well.

Exit codes: 0 within the bounds, 1 outside, 2 usage, 3 a step was skipped.
"""
import argparse
import glob
import json
import os
import sys

import numpy as np

from numpy_network import (MODELS, Points, build, gradients_of, statistics_of)
from numpy_reference import ROUND
from numpy_updates import Step
import safetensors


class Report:
    """Collects, per tensor, the largest ratio of difference to bound."""

    def __init__(self, wrong, telling, zero):
        self.rows, self.wrong, self.telling = [], dict(wrong), telling
        self.zero = zero
        self.changed = set()

    def __call__(self, name, got, expected, shows=1):
        """An error of 1 % in a gradient shows as one of `shows` %."""
        got = np.array(got, np.float64)
        if got.shape != expected.value.shape:
            sys.exit(f"'{name}' has shape {got.shape}; expected "
                     f"{expected.value.shape}")
        largest = np.unravel_index(np.abs(expected.value).argmax(), got.shape)
        if name in self.wrong:
            self.changed.add(name)
            got[largest] *= self.wrong[name]
        difference = np.abs(got - expected.value)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(difference == 0, 0, difference / expected.error)
        ratio = np.where(np.isnan(ratio), np.inf, ratio)
        at = np.unravel_index(ratio.argmax(), ratio.shape)
        size = np.abs(expected.value[largest])
        if name in self.zero:
            shows = np.inf
        told = expected.error[largest] / size if size else expected.error[largest]
        self.rows.append((ratio[at], name, at, got[at], expected.value[at],
                          expected.error[at], told / shows))

    def finish(self, verbose):
        missing = set(self.wrong) - self.changed
        if missing:
            sys.exit(f"nothing is called {', '.join(sorted(missing))}; there are " +
                     ", ".join(row[1] for row in self.rows))
        self.rows.sort(reverse=True, key=lambda row: row[0])
        outside = [row for row in self.rows if not row[0] <= 1]
        for ratio, name, at, got, value, error, told in (
                self.rows if verbose else outside[:1]):
            index = ", ".join(map(str, map(int, at)))
            print(f"{name}[{index}] is {got:.9g}; expected {value:.9g} within "
                  f"{error:.3g} ({ratio:.3g} of it; the bound at the largest "
                  f"element is {told:.2g} of it)")
        loose = [row for row in self.rows if not row[-1] <= self.telling]
        for row in loose:
            print(f"{row[1]}: the bound is {row[-1]:.2g} of the largest element; "
                  f"at most {self.telling:.2g} is telling")
        print(f"{len(self.rows) - len(outside)} of {len(self.rows)} tensors "
              "within their bounds")
        if self.wrong:
            seen = {row[1] for row in outside}
            for name in set(self.wrong) ^ seen:
                print(f"{name} is " + ("outside its bound" if name in seen else
                                       "wrong, which was not seen"))
            return 1 if set(self.wrong) != seen else 0
        return 1 if outside or loose else 0


def widened(tensors):
    return {name: value.astype(np.float64) if value.dtype.kind == "f" else value
            for name, value in tensors.items()}


def check_step(options, number, log, data, report):
    path = lambda n: os.path.join(options.folder, f"step-{n}.safetensors")
    before, manifest = safetensors.read(path(number - 1))
    after, _ = safetensors.read(path(number))
    before, after = widened(before), widened(after)
    if int(after["applied_steps"]) != int(before["applied_steps"]) + 1:
        print(f"step {number}: applied_steps went from "
              f"{int(before['applied_steps'])} to {int(after['applied_steps'])}; "
              "expected one applied step")
        sys.exit(3)
    step = Step(before, after, log, report)
    lr = step.learning_rate()
    step.loss_scale()
    parameters = [name for name in before
                  if name + options.moment in before] if options.moment else []
    for name in parameters:
        if options.optimizer != "sgd":
            step.adam_weights(name, lr, options.optimizer == "adamw")
        elif not options.nesterov:
            step.sgd_weights(name, lr)
    if options.weights_only:
        return len(parameters) > 0
    rows = np.arange(manifest["training"]["batch"]) + manifest["loop"]["position"]
    x, labels = (data[name][rows % len(data[name])]
                 for name in (options.input, options.label))
    layers = build(options.layers or MODELS[options.model])
    scale = float(log["loss_scale"])
    points = Points(options.precision, options.f32)
    loss, gradients = gradients_of(layers, before, x.astype(np.float64), labels,
                                   scale, points)
    report("loss", np.float32(log["loss"]), loss)
    for name, value in statistics_of(layers).items():
        report(name, after[name], value)
    for name, gradient in step.clip(gradients).items():
        if options.optimizer == "sgd":
            step.sgd(name, gradient, float(lr), options.nesterov)
        else:
            step.adam(name, gradient, options.optimizer == "adamw")
    return len(gradients) > 0


def step_logs(folder):
    lines = []
    for path in glob.glob(os.path.join(folder, "*.jsonl")):
        with open(path, encoding="utf-8") as file:
            lines += map(json.loads, file)
    return {e["step"]: e for e in lines if e.get("event") == "step"}


def pair(text):
    name, factor = text.rsplit("=", 1)
    return name, float(factor)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", choices=sorted(MODELS))
    parser.add_argument("--layers", help="dense:NAME, conv:NAME:PAD, relu, "
                        "batchnorm:NAME, pool:SIZE, separated by commas")
    parser.add_argument("--weights-only", action="store_true",
                        help="only what needs no gradients, for any model")
    parser.add_argument("--folder", required=True, help="of the checkpoints")
    parser.add_argument("--steps", required=True, metavar="N[,N...]")
    parser.add_argument("--data", help="npz with inputs and labels; "
                        "FOLDER/data.npz by default")
    parser.add_argument("--optimizer", choices=["sgd", "adam", "adamw"],
                        required=True)
    parser.add_argument("--momentum", action="store_true")
    parser.add_argument("--nesterov", action="store_true")
    parser.add_argument("--precision", choices=sorted(ROUND), default="fp32")
    parser.add_argument("--f32", action="append", default=[], metavar="POINT",
                        help="a rounding point that stays f32, as glob: input, "
                        "loss.grad, LAYER.{in,weight,bias,out,grad_in,"
                        "grad_weight,grad_bias}")
    parser.add_argument("--input", default="x", help="name of the input")
    parser.add_argument("--label", default="y", help="name of the labels")
    parser.add_argument("--telling", type=float, default=0.01)
    parser.add_argument("--zero", action="append", default=[], metavar="NAME",
                        help="a tensor that is 0 but for rounding, so that no "
                        "bound can be telling")
    parser.add_argument("--wrong", type=pair, action="append", default=[],
                        metavar="NAME=FACTOR", help="multiplies the largest "
                        "element of what mpc says. Exit code 0 then means that "
                        "these tensors, and no others, were found outside")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if bool(options.model) + bool(options.layers) + options.weights_only != 1:
        parser.error("give one of --model, --layers and --weights-only")
    options.moment = (".exp_avg" if options.optimizer != "sgd" else
                      ".momentum" if options.momentum or options.nesterov else "")
    return options


def main():
    options = arguments()
    logs = step_logs(options.folder)
    data = np.load(options.data or os.path.join(options.folder, "data.npz"))
    report = Report(options.wrong, options.telling, options.zero)
    for number in map(int, options.steps.split(",")):
        if number not in logs:
            sys.exit(f"no log in '{options.folder}' has step {number}")
        if not check_step(options, number, logs[number], data, report):
            sys.exit("no parameters to compare")
    return report.finish(options.verbose)


if __name__ == "__main__":
    sys.exit(main())
