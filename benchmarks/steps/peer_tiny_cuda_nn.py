#!/usr/bin/env python3
"""Times a training step of tiny-cuda-nn and prints a line of JSON.

usage: peer_tiny_cuda_nn.py FOLDER VARIANT WEIGHTS.safetensors BATCH.npz

FOLDER is the bundle, with the program that tiny_cuda_nn/Makefile builds. VARIANT is
  own       steps as its users do them: it captures forward and backward anew each time
  captured  the whole step in one CUDA graph: tiny-cuda-nn at its best
The network is the mlp, in its fp16. A step does less than the others': layers have no biases,
its SGD no momentum, the loss scale stays at 128, no overflow is looked for and the loss is
left in parts. Its sums are f16.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

import workload

LAYERS = ["net.0.weight", "net.2.weight", "net.4.weight"]


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    folder, variant = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    program = folder / "tiny_cuda_nn"
    if not program.exists():
        sys.exit(f"no {program}; make it with benchmarks/steps/tiny_cuda_nn/Makefile")
    sys.path.insert(0, str(folder))
    import safetensors  # the bundle's own

    tensors, _ = safetensors.read(sys.argv[3])
    weights = [tensors[name] for name in LAYERS]
    (x,), label = workload.read_batch(sys.argv[4])
    wanted = numpy.eye(len(weights[-1]))[label]
    options = workload.OPTIMIZERS["mlp"]
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch) / "job"
        file.write_bytes(b"".join(array.astype(numpy.float32).tobytes() for array in [*weights, x, wanted]))
        job = {"file": str(file), "widths": [x.shape[1]] + [len(weight) for weight in weights],
               "batch": len(x), "lr": options["lr"], "weight_decay": options["weight_decay"],
               "captured": variant == "captured", "losses": workload.LOSSES,
               "steps": workload.TIMED, "repeats": workload.REPEATS}
        done = subprocess.run([program, json.dumps(job)], check=True, text=True,
                              stdout=subprocess.PIPE)
    result = json.loads(done.stdout.splitlines()[-1])
    workload.report(f"tiny-cuda-nn, {variant}", result["ms"], result["losses"], ["momentum=0"])


main()
