"""A reader of safetensors files, independent of the project's own."""
import json

import numpy

DTYPES = {"F32": numpy.float32, "F16": numpy.float16, "I64": numpy.int64, "I32": numpy.int32,
          "U8": numpy.uint8, "BOOL": numpy.bool_, "BF16": numpy.uint16}


def read(path):
    """Returns ({name: array}, manifest); BF16 comes as its bit patterns."""
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if name.startswith("_pad."):
            continue
        begin, end = entry["data_offsets"]
        raw = data[8 + length + begin:8 + length + end]
        tensors[name] = numpy.frombuffer(raw, DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, json.loads(metadata.get("mpc.manifest", "{}"))
