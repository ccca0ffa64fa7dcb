#!/usr/bin/env python3
"""Checks steps of a program, each from the state that the reference has reached.

The reference is the NumPy computation of numpy_reference.py. Before each step the
program's state is set to the reference's; the program runs the step on its device; loss,
gradients (through the moments, or (before - after) / lr), moments and weights must lie
within the bound of one step. Then the reference takes the step itself. So what rounding
does over many steps plays no part: every step is judged alone.

Batches are random, four in turn, or follow one another in an .npz.

Exit codes: 0 all steps within the bounds, 1 not, 2 usage.
"""
import argparse
from concurrent.futures import ThreadPoolExecutor
import os
import sys

import numpy as np

import mpcrt
import numpy_dlrm
import numpy_reference as reference
import safetensors

SCALE = 1024.0  # far from overflow, so that no step is skipped


class Layered:
    """A network of numpy_reference.py."""

    def __init__(self, layers):
        self.layers = layers

    def gradients_of(self, state, inputs, labels, scale, at):
        (x,) = inputs.values()
        loss, gradients = reference.gradients_of(
            reference.build(self.layers), state, x.astype(np.float64),
            labels.reshape(-1), scale, at)
        return loss, {name: lambda number=number: number
                      for name, number in gradients.items()}


MODELS = {**{name: Layered(text) for name, text in reference.MODELS.items()},
          **numpy_dlrm.MODELS}


class Batches:
    def __init__(self, program, path, classes, below):
        self.program, self.classes, self.below = program, classes, below
        self.data = np.load(path) if path else None

    def __call__(self, number):
        return self.read(number) if self.data else self.make(number)

    def read(self, number):
        rows = self.program.label.shape[0]
        take = lambda info: self.data[info.name.decode()][
            np.arange(number * rows, (number + 1) * rows) %
            len(self.data[info.name.decode()])]
        return ({info.name.decode(): take(info) for info in self.program.inputs},
                take(self.program.label))

    def make(self, number):
        random = np.random.default_rng(number % 4)
        is_float = lambda info: mpcrt.DTYPES[info.dtype] == np.float32
        inputs = {info.name.decode():
                  (random.standard_normal(info.shape).astype(np.float32) if is_float(info)
                   else random.integers(0, self.below, info.shape))
                  for info in self.program.inputs}
        label = self.program.label
        classes = 2 if is_float(label) else self.classes
        return inputs, random.integers(0, classes, label.shape)


def widened(state):
    return {name: value.astype(np.float64) if value.dtype.kind == "f" else value
            for name, value in state.items()}


class Update:
    """The optimizer's formulas in f64, rounded once per tensor."""

    def __init__(self, kind, state):
        self.kind, self.before, self.after = kind, state, dict(state)
        self.hyper = lambda name: float(state.get(name, 0))

    def __call__(self, name, gradient):
        (self.sgd if self.kind == "sgd" else self.adam)(name, gradient)

    def keep(self, name, value):
        self.after[name] = reference.round_f32(value)

    def sgd(self, name, g):
        step = g + self.hyper("weight_decay") * self.before[name]
        moment = name + ".momentum"
        if moment in self.before:
            step = self.hyper("momentum") * self.before[moment] + step
            self.keep(moment, step)
        self.keep(name, self.before[name] - self.hyper("lr") * step)

    def adam(self, name, g):
        p, decay, lr = self.before[name], self.hyper("weight_decay"), self.hyper("lr")
        beta1, beta2 = self.hyper("beta1"), self.hyper("beta2")
        if self.kind == "adamw":
            p = p * (1 - lr * decay)
        else:
            g = g + decay * p
        m = beta1 * self.before[name + ".exp_avg"] + (1 - beta1) * g
        v = beta2 * self.before[name + ".exp_avg_sq"] + (1 - beta2) * g * g
        t = int(self.before["applied_steps"]) + 1
        root = np.sqrt(v / (1 - beta2**t)) + self.hyper("eps")
        self.keep(name + ".exp_avg", m)
        self.keep(name + ".exp_avg_sq", v)
        self.keep(name, p - lr / (1 - beta1**t) * m / root)

    def count(self):
        for counter in ("applied_steps", "good_steps"):
            if counter in self.after:
                self.after[counter] = self.after[counter] + 1


def check(name, gradient, optimizer, before, after, report):
    if optimizer == "sgd":
        reference.check_sgd(name, gradient, before, after, report, nesterov=False)
    else:
        reference.check_adam(name, gradient, before, after, report,
                             optimizer == "adamw")


def judge(model, training, before, after, loss, batch):
    """The report on one step, and the reference's state after it."""
    at = reference.Points(training["precision"], [])
    expected, gradients = model.gradients_of(before, *batch,
                                             float(before.get("loss_scale", 1)), at)
    report = reference.Report()
    report("loss", np.array(float(loss)), expected)
    update = Update(training["optimizer"], before)

    def take(name):
        gradient = gradients[name]()
        check(name, gradient, training["optimizer"], before, after, report)
        update(name, gradient.value)

    # NumPy computes large arrays beside each other.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(take, gradients))
    update.count()
    exact = lambda name: reference.Bounded(np.float64(update.after[name]))
    for name in ("applied_steps", "good_steps", "skipped_steps", "loss_scale"):
        if name in after:
            report(name, np.float64(after[name]), exact(name))
    return report, update.after


def run(options):
    program = mpcrt.Program(options.artifact, options.device)
    _, manifest = safetensors.read(options.artifact)
    training, model = manifest["training"], MODELS[options.model]
    batches = Batches(program, options.data, manifest["label"].get("classes", 2),
                      options.below)
    state = widened(program.state())
    if "good_steps" in state:
        state["loss_scale"] = np.float64(SCALE)
    worst, failed = 0, 0
    for number in range(options.steps):
        program.set(state)
        inputs, label = batches(number)
        given = label
        if options.spoil:
            given = label.copy()
            given.flat[0] = 1 - min(label.flat[0], 1)
        status = program.step(inputs, given)
        report, state = judge(model, training, state, widened(program.state()),
                              status.loss, (inputs, label))
        ratio, name = max(row[:2] for row in report.rows)
        worst = max(worst, ratio)
        print(f"step {number + 1}: loss {status.loss:.7g}; {ratio:.3g} of the bound in "
              f"{name}")
        if report.finish(verbose=False) if ratio > 1 else 0:
            failed += 1
    print(f"{options.model} {training['precision']} {training['optimizer']} on "
          f"{options.device}: {options.steps - failed} of {options.steps} steps within "
          f"the bounds, at most {worst:.3g} of them")
    return failed


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("artifact")
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--data", help="npz with inputs and labels")
    parser.add_argument("--below", type=int, default=20,
                        help="what random integer inputs stay below")
    parser.add_argument("--spoil", action="store_true",
                        help="one sample's label is another one for the program; exit "
                        "code 0 then means that this was seen in every step")
    return parser.parse_args()


def main():
    options = arguments()
    failed = run(options)
    return int(failed != options.steps) if options.spoil else int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
