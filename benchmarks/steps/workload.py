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


def read_batch(path):
    """(inputs in the model's order, label)."""
    arrays = dict(numpy.load(path))
    label = arrays.pop("y")
    return [arrays[name] for name in arrays], label


def report(peer, milliseconds, losses, settings=()):
    """Prints what `compare` reads. With `settings` mpc trains like a peer that does less per step."""
    print(json.dumps({"peer": peer, "ms": sorted(milliseconds)[len(milliseconds) // 2],
                      "all_ms": milliseconds, "losses": losses, "settings": settings}), flush=True)
