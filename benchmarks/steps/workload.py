"""What mpc and its peers train alike: weights and a batch in files, hyper-parameters here."""
import json

import numpy

# Those of the artifacts that tools/dev/gpu compiles.
OPTIMIZERS = {
    "mlp": {"kind": "sgd", "lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4},
    "cnn": {"kind": "adam", "lr": 1e-3},
    "dlrm": {"kind": "adam", "lr": 1e-3},
}
SCALE, GROWTH_INTERVAL = 65536.0, 2000  # of the loss, in fp16
LOSSES = 6  # steps whose losses are compared
TIMED, REPEATS = 200, 3  # steps per measurement; the middle one counts

_DTYPES = {"F32": numpy.float32, "I64": numpy.int64, "I32": numpy.int32}


def read_weights(path):
    """{name: array} of what `mpc-run export` wrote."""
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__" or name.startswith("_pad."):
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end], _DTYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"]).copy()
    return tensors


def read_batch(path):
    """(inputs in the model's order, label)."""
    arrays = dict(numpy.load(path))
    label = arrays.pop("y")
    return [arrays[name] for name in arrays], label


def report(peer, milliseconds, losses):
    """Prints what `compare` reads."""
    print(json.dumps({"peer": peer, "ms": sorted(milliseconds)[len(milliseconds) // 2],
                      "all_ms": milliseconds, "losses": losses}), flush=True)
