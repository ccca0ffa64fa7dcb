#!/usr/bin/env python3
"""Compiles every ```json block of a page and trains two steps of it, on data that are
made up from what the artifact says of its inputs. Options for `mpc compile` stand in a
comment before the block: <!-- options: --loss mse -->.

usage: run_json_models.py PAGE FOLDER
"""
import json
import os
import re
import shlex
import subprocess
import sys

import numpy

BLOCK = re.compile(r"(?:<!-- options: ([^>]*) -->\n)?```json\n(.*?)```", re.S)
TYPES = {"f16": numpy.float32, "bf16": numpy.float32, "f32": numpy.float32, "i64": numpy.int64, "i32": numpy.int32,
         "bool": numpy.bool_}


def run(*command):
    print("$ " + " ".join(command), flush=True)
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def array(generator, spec, batch):
    """Samples enough for two batches; whole numbers are small enough for any index."""
    shape = list(spec["shape"])
    shape[0] = 2 * batch * (shape[0] // batch)
    kind = TYPES[spec["dtype"].lower()]
    if kind == numpy.float32:
        return generator.standard_normal(shape).astype(kind)
    return generator.integers(0, 2, shape).astype(kind)


def main():
    page, folder = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        blocks = BLOCK.findall(file.read())
    assert blocks, "no models in " + page
    for number, (options, text) in enumerate(blocks, 1):
        model, artifact, data = (os.path.join(folder, "model%d.%s" % (number, suffix)) for suffix in ("json", "mpx", "npz"))
        with open(model, "w", encoding="utf-8") as file:
            file.write(text)
        names = json.loads(text).get("outputs", [])
        if len(names) > 1 and not options:
            options = "--loss %s=cross-entropy" % names[0]
        run("mpc", "check", model, *shlex.split(options))
        run("mpc", "compile", model, *shlex.split(options), "-o", artifact)
        info = json.loads(run("mpc", "info", artifact, "--json"))
        generator = numpy.random.default_rng(number)
        specs = [spec for spec in info["tensors"] if spec["role"] in ("input", "label")]
        numpy.savez(data, **{spec["name"]: array(generator, spec, info["batch"]) for spec in specs})
        print(run("mpc", "train", artifact, "--data", data, "--steps", "2"))


if __name__ == "__main__":
    main()
