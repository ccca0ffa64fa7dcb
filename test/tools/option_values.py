"""Every option that may be repeated takes one value each time, wherever the
model or artifact stands: all orders do the same, and a second value is a mistake.

    option_values.py FOLDER MODEL X.npy DATA.npz

Which options may be repeated is what --help says.
"""

import json
import os
import re
import subprocess
import sys

# Values of an option that go together, and what else its verb needs.
VALUES = {
    "shape": ["batch=16", "x=16x1x8x8"],
    "trainable": ["*", "?*"],
    "allow": ["Gemm", "Conv"],
    "infer": ["Relu", "Flatten"],
    "clear": ["Relu", "Flatten"],
    "deny": ["MaxPool", "Relu"],
    "target": ["cpu", "ptx"],
    "provider": ["Gemm=generated", "Conv=generated"],
    "set": ["lr=0.5", "weight_decay=0.25"],
    "input": ["x=%(x)s"],
}
# A last option, so that the model is not the last argument.
VERBS = {
    "check": ("%(model)s", ["--lr", "0.5"]),
    "compile": ("%(model)s", ["--lr", "0.5", "--stop-after", "cast"]),
    "explain": ("%(model)s", ["--lr", "0.5"]),
    "tune": ("%(model)s", ["--kernels", "-o", "%(folder)s/table.json"]),
    "train": ("%(artifact)s", ["--data", "%(data)s", "--steps", "1"]),
    "eval": ("%(artifact)s", ["--json"]),
    "bench": ("%(artifact)s", []),
    "export": ("%(artifact)s", []),
    "info": ("%(artifact)s", []),
    "inspect": ("%(artifact)s", []),
    "doctor": ("", []),
}
# There is no GPU to tune on.
EXITS = {"tune": 6}


def call(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def expect(condition, *what):
    if not condition:
        print(*what, sep="\n")
        sys.exit(1)


def repeated(tool, verb):
    text = call(tool, verb, "--help")[1]
    entries = re.findall(r"^  (?:-\w,)?--([\w-]+)(.*(?:\n {10,}.*)*)", text, re.M)
    return [name for name, rest in entries if "..." in rest or "(repeat" in rest]


def all_orders(tool, verb, name, places):
    program, rest = VERBS[verb][0] % places, [p % places for p in VERBS[verb][1]]
    values = [value % places for value in VALUES[name]]
    glued = [f"--{name}={value}" for value in values]
    apart = [part for value in values for part in ("--" + name, value)]
    orders = [[program, *glued, *rest], [*glued, program, *rest],
              [*apart, program, *rest], [*rest, *apart, program],
              [*rest, program, *apart]]
    if tool == "mpc" and "model" in VERBS[verb][0]:
        config = os.path.join(places["folder"], name + ".json")
        with open(config, "w") as file:
            json.dump({name: values}, file)
        orders += [[program, "--config", config, *rest],
                   ["--config", config, program, *rest],
                   [*rest, "--config=" + config, program]]
    first = call(tool, verb, *orders[0])
    expect(first[0] == EXITS.get(verb, 0), tool, verb, orders[0], *first)
    for order in orders[1:]:
        other = call(tool, verb, *order)
        expect(other == first, tool, verb, order, *other, "instead of", *first)
    second = call(tool, verb, program, f"--{name}", values[0], values[-1], *rest)
    expect(second[0] == 2 and f"unexpected argument '{values[-1]}'" in second[2],
           tool, verb, "a second value of", name, *second)


def main():
    folder, model, x, data = sys.argv[1:]
    artifact = os.path.join(folder, "m.mpx")
    code, _, err = call("mpc", "compile", model, "-o", artifact)
    expect(code == 0, err)
    places = dict(folder=folder, model=model, artifact=artifact, x=x, data=data)
    found = set()
    for tool in ("mpc", "mpc-run"):
        help_text = call(tool, "--help")[1]
        verbs = re.findall(r"^  (\w+) {2,}", help_text.split("Subcommands:")[1], re.M)
        expect(len(verbs) >= 5, help_text)
        for verb in verbs:
            for name in repeated(tool, verb):
                expect(name in VALUES, f"give values of --{name} in {__file__}")
                found.add(name)
                all_orders(tool, verb, name, places)
    expect(found == set(VALUES), "options that may be repeated:", found)


main()
