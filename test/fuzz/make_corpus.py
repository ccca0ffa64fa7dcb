#!/usr/bin/env python3
"""Writes the seeds of the fuzzers, test/fuzz/corpus/TARGET; the same bytes each time.

usage: make_corpus.py
"""
import io
import json
import os
import struct
import subprocess
import zipfile

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
FLOAT, INT64, BOOL = 1, 7, 9


def write(target, name, data):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


# ONNX: protocol buffers in their text form, encoded by protoc.

def attribute(name, value):
    if isinstance(value, list):
        return 'name: "%s" type: INTS %s' % (name, " ".join("ints: %d" % v for v in value))
    if isinstance(value, float):
        return 'name: "%s" type: FLOAT f: %g' % (name, value)
    if isinstance(value, str):
        return 'name: "%s" type: STRING s: "%s"' % (name, value)
    return 'name: "%s" type: INT i: %d' % (name, value)


def node(op, inputs, outputs, **attributes):
    parts = ['input: "%s"' % name for name in inputs] + ['output: "%s"' % name for name in outputs]
    parts += ["attribute { %s }" % attribute(*item) for item in sorted(attributes.items())]
    return 'node { op_type: "%s" %s }' % (op, " ".join(parts))


def tensor(name, dtype, dims, elements, external=None):
    field = {FLOAT: "float_data", INT64: "int64_data", BOOL: "int32_data"}[dtype]
    parts = ["dims: %d" % dim for dim in dims] + ["%s: %g" % (field, value) for value in elements]
    for key, value in (external or {}).items():
        parts.append('external_data { key: "%s" value: "%s" }' % (key, value))
    if external:
        parts.append("data_location: EXTERNAL")
    return 'initializer { name: "%s" data_type: %d %s }' % (name, dtype, " ".join(parts))


def value(field, name, dims, dtype=FLOAT):
    shape = " ".join('dim { dim_param: "%s" }' % d if isinstance(d, str) else "dim { dim_value: %d }" % d
                     for d in dims)
    return '%s { name: "%s" type { tensor_type { elem_type: %d shape { %s } } } }' % (field, name, dtype, shape)


def onnx(name, *parts, opset=17):
    text = 'ir_version: 8 opset_import { version: %d } graph { name: "g" %s }' % (opset, "\n".join(parts))
    encoded = subprocess.run(
        ["protoc", "-I/usr/include", "--encode=onnx.ModelProto", "onnx/onnx.proto"],
        input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    write("onnx", name + ".onnx", encoded)


X, Y = value("input", "x", ["batch", 4]), value("output", "y", ["batch", 4])

# Shape arithmetic that exporters write: one op each, on what is known.
FOLDS = [
    ("Gather", ["s", "i"], {"axis": 0}), ("Concat", ["s", "s"], {"axis": 0}), ("Unsqueeze", ["i", "z"], {}),
    ("Squeeze", ["v", "z"], {}), ("Slice", ["s", "z", "v"], {}), ("Range", ["i", "n", "i"], {}),
    ("ReduceProd", ["s"], {"keepdims": 0}), ("Cast", ["s"], {"to": 6}), ("Neg", ["s"], {}),
    ("Div", ["s", "v"], {}), ("Mod", ["s", "v"], {}), ("Mul", ["s", "v"], {}), ("Min", ["s", "v"], {}),
    ("Equal", ["s", "v"], {}), ("Where", ["b", "s", "v"], {}), ("Expand", ["v", "s"], {}), ("Size", ["x"], {}),
    ("ConstantOfShape", ["v"], {}),
]

LAYERS = [
    ("Relu", [], {}), ("Gemm", ["w", "c"], {"transB": 1, "alpha": 0.5}), ("MatMul", ["w"], {}),
    ("Softmax", [], {"axis": -1}), ("Transpose", [], {"perm": [1, 0]}), ("Flatten", [], {"axis": 1}),
    ("ReduceMean", [], {"axes": [1], "keepdims": 1}), ("Clip", ["", "c"], {}), ("Dropout", [], {}),
    ("LayerNormalization", ["c"], {"axis": -1, "epsilon": 1e-5}), ("Split", [], {"axis": 1, "num_outputs": 2}),
    ("Conv", ["k"], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "auto_pad": "NOTSET"}),
    ("MaxPool", [], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}), ("Einsum", ["w"], {"equation": "ij,jk->ik"}),
]


def write_onnx():
    known = [tensor("i", INT64, [], [1]), tensor("z", INT64, [1], [0]), tensor("v", INT64, [1], [3]),
             tensor("n", INT64, [], [5]), tensor("b", BOOL, [2], [1, 0])]
    for op, inputs, attributes in FOLDS:
        onnx("fold-" + op.lower(), X, value("output", "y", [1], INT64), *known, node("Shape", ["x"], ["s"]),
             node(op, inputs, ["y"], **attributes))
    weights = [tensor("w", FLOAT, [4, 4], range(16)), tensor("c", FLOAT, [4], [1, 2, 3, 4]),
               tensor("k", FLOAT, [1, 1, 3, 3], range(9))]
    for op, inputs, attributes in LAYERS:
        onnx("layer-" + op.lower(), X, Y, *weights, node(op, ["x"] + inputs, ["y"], **attributes))
    onnx("external", X, Y, node("Add", ["x", "w"], ["y"]),
         tensor("w", FLOAT, [4], [], {"location": "w.bin", "offset": 4096, "length": 16}))
    onnx("unsorted", X, Y, node("Relu", ["h"], ["y"]), node("Neg", ["x"], ["h"]), value("value_info", "h", [2, 4]))
    onnx("cycle", X, Y, node("Add", ["x", "y"], ["h"]), node("Add", ["x", "h"], ["y"]))
    onnx("domain", X, Y, 'node { op_type: "Fancy" domain: "acme" input: "x" output: "y" }', opset=7)
    onnx("constant", X, Y, 'node { op_type: "Constant" output: "k" attribute { name: "value" type: TENSOR t { '
         'data_type: 1 dims: 4 raw_data: "%s" } } }' % ("\\000" * 16), node("Add", ["x", "k"], ["y"]))
    onnx("subgraph", X, Y, 'node { op_type: "If" input: "b" output: "y" attribute { name: "then_branch" type: GRAPH g '
         '{ %s } } }' % node("Relu", ["x"], ["y"]), known[4])


# JSON models.

JSON_LAYERS = [
    {"op": "Conv", "filters": 4, "kernel": 3, "pad": "same", "initializer": {"bias": {"fill": 0.5}}},
    {"op": "BatchNormalization", "epsilon": 1e-5, "momentum": 0.9}, {"op": "Relu", "name": "act"},
    {"op": "MaxPool", "kernel": [2, 2], "stride": 2, "pad": [0, 0, 1, 1]},
    {"op": "AveragePool", "kernel": 2, "count_include_pad": True}, {"op": "GlobalAveragePool"},
    {"op": "Transpose", "perm": [0, 2, 3, 1]}, {"op": "Reshape", "shape": [0, -1]},
    {"op": "Cast", "to": "bf16"}, {"op": "Cast", "to": "f32"}, {"op": "Flatten", "axis": 1},
    {"op": "Add", "inputs": ["act", "flatten1"]}, {"op": "Gemm", "units": 3, "bias": False, "input": "flatten1"},
]


def write_json():
    model = {"name": "m", "symbols": {"batch": 2}, "inputs": {"x": ["batch", 1, 4, 4]}, "layers": JSON_LAYERS,
             "outputs": ["gemm1"]}
    write("json", "all.json", json.dumps(model, indent=1).encode())
    for layer in JSON_LAYERS:
        model = {"inputs": {"x": [2, 1, 4, 4]}, "layers": [layer]}
        write("json", "layer-%s.json" % layer["op"].lower(), json.dumps(model).encode())
    write("json", "comments.json", b'// a model\n{"inputs": {"x": [1, 2]}, /* deep */ "layers": [{"op": "Neg"}]}\n')
    write("json", "twice.json", b'{"inputs": {"x": [1]}, "inputs": {"x": [2]}}')
    write("json", "wrong.json", '{"inputs": {"ü": ["n", 0]}, "layers": [{"op": "Dense", "units": 1e99}]}'.encode())


# Containers.

def container(tensors, metadata=None):
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for name, (dtype, shape, raw) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def manifest():
    # Of a GPU, where tiles mean nothing.
    gpu_launch = {"kernel": 0, "args": [1, 0, 4], "nodes": ["fc"], "op": "Gemm", "direction": "forward"}
    launch = {"kernel": 0, "tiles": 2, "args": [0, 1, 2, 4, 5], "nodes": ["fc"], "op": "Gemm", "direction": "forward"}
    buffers = [{"kind": "state", "index": 0}, {"kind": "input", "index": 0}, {"kind": "label"},
               {"kind": "output", "index": 0}, {"kind": "arena", "offset": 64, "bytes": 64},
               {"kind": "status", "offset": 32, "bytes": 4}, {"kind": "constant", "tensor": "constant.0"}]
    states = [{"name": "w", "dtype": "F32", "shape": [2, 3], "role": "parameter", "init": {"kind": "uniform", "bound": 0.5},
               "node": "fc"},
              {"name": "w.f16", "dtype": "F16", "shape": [2, 3], "role": "derived", "init": {"kind": "derive"},
               "derived_from": "w"},
              {"name": "w.momentum", "dtype": "F32", "shape": [2, 3], "role": "moment", "init": {"kind": "fill", "value": 0},
               "parameter": "w"},
              {"name": "b", "dtype": "F32", "shape": [2], "role": "constant", "init": {"kind": "data", "tensor": "state.b"}},
              {"name": "lr", "dtype": "F32", "shape": [], "role": "hyper", "init": {"kind": "fill", "value": 0.01}}]
    return {"format": 3, "producer": "mpc 0.1.0", "model": {"name": "m", "digest": "a" * 32},
            "training": {"precision": "fp16", "optimizer": "sgd", "loss": "cross-entropy", "scaled": True, "batch": 4,
                         "seed": 7},
            "inputs": [{"name": "x", "dtype": "F32", "shape": [4, 3]}],
            "label": {"name": "y", "dtype": "I64", "shape": [4], "kind": "class", "classes": 2, "class_axis": 1,
                      "ignore_index": -100},
            "outputs": [{"name": "logits", "dtype": "F32", "shape": [4, 2]}], "states": states,
            "targets": [{"target": "cpu", "isa": "x86-64-v3", "features": ["avx2"], "image": "image.cpu",
                         "code_bytes": 16, "arena_bytes": 128, "buffers": buffers,
                         "kernels": [{"name": "gemm", "offset": 0}],
                         "entries": {"train_step": {"launches": [launch]},
                                     "forward": {"launches": [dict(launch, args=[0, 1, 3, 6])]},
                                     "derive": {"launches": [dict(launch, args=[0, 4])]}}},
                        {"target": "ptx", "isa": "compute_80", "image": "image.ptx", "arena_bytes": 128, "buffers": buffers,
                         "kernels": [{"name": "gemm", "grid": [2, 1, 1], "block": [128, 1, 1], "shared_bytes": 1024,
                                      "maps": [{"arg": 0, "dtype": "F32", "extents": [4, 3], "pitches": [16],
                                                "box": [4, 1], "swizzle": 32}], "access": "rrw"}],
                         "entries": {"train_step": {"launches": [gpu_launch]}, "forward": {"launches": []},
                                     "derive": {"launches": []}}}],
            "report": None}


def write_containers():
    text = json.dumps(manifest())
    write("container", "manifest", text.encode())
    write("container", "artifact", container(
        {"image.cpu": ("U8", [16], b"\xc3" * 16), "image.ptx": ("U8", [4], b"ptx\0"), "state.b": ("F32", [2], b"\0" * 8), "constant.0": ("F32", [1], b"\0" * 4)},
        {"mpc.kind": "artifact", "mpc.manifest": text}))
    checkpoint = {"format": 1, "model": manifest()["model"], "training": manifest()["training"],
                  "loop": {"epoch": 1, "position": 2, "attempted_steps": 3, "shuffle_seed": 4, "consecutive_skips": 0},
                  "digest": "b" * 32}
    write("container", "checkpoint-manifest", json.dumps(checkpoint).encode())
    write("container", "checkpoint", container({"w": ("F32", [2, 3], b"\0" * 24), "lr": ("F32", [], b"\0" * 4)},
                                               {"mpc.kind": "checkpoint", "mpc.manifest": json.dumps(checkpoint)}))
    write("container", "weights", container({"_pad.0": ("U8", [8], b"\0" * 8), "e": ("BF16", [0, 3], b""),
                                             "f": ("F8_E4M3", [2, 2], b"abcd"), "ü": ("BOOL", [1], b"\1")}))
    write("container", "empty", container({}))
    write("container", "cubin", cubin())
    write("container", "short", container({"a": ("I64", [2], b"\0" * 16)})[:-3])


def cubin():
    """Two kernels, with their registers and the toolkit's version."""
    symbols = b"\0" * 24 + b"".join(struct.pack("<IBBHQQ", at, 0x12, 0x10, 5, 0, 64) for at in (1, 3))
    info = b"".join(struct.pack("<BBHII", 4, what, 8, symbol, 40) for what in (0x2f, 0x12) for symbol in (1, 2))
    parts = [(".shstrtab", 3, 0, b""), (".strtab", 3, 0, b"\0a\0b\0"), (".symtab", 2, 1, symbols),
             (".nv.info", 0x70000000, 2, info), (".note.nv.tkinfo", 7, 0, b"tools, release 13.0, V13"),
             (".text.a", 1, 0, b"c" * 16), (".text.b", 1, 0, b"c" * 16)]
    names = b"\0" + b"".join(name.encode() + b"\0" for name, *_ in parts)
    parts[0] = (*parts[0][:3], names)
    data, headers, at = b"", b"", 1
    for name, kind, link, content in parts:
        headers += struct.pack("<IIQQQQIIQQ", at, kind, 0, 0, 64 + len(data), len(content), link, 0, 1, 0)
        data += content
        at += len(name) + 1
    return b"\x7fELF\2\1" + b"\0" * 34 + struct.pack("<Q", 64 + len(data)) + b"\0" * 10 + struct.pack(
        "<HHH", 64, len(parts), 0) + data + headers


# NumPy files.

def npy(array, version=None):
    out = io.BytesIO()
    numpy.lib.format.write_array(out, array, version)
    return out.getvalue()


def npz(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def write_npz():
    arrays = {dtype: numpy.arange(6).reshape(2, 3).astype(dtype) for dtype in ("f2", "f4", "f8", "i4", "i8", "u1", "?")}
    for dtype, array in arrays.items():
        write("npz", "array-%s" % dtype.replace("?", "b1"), npy(array))
    write("npz", "version2", npy(arrays["f4"], (2, 0)))
    write("npz", "version3", npy(arrays["f4"], (3, 0)))
    write("npz", "fortran", npy(numpy.asfortranarray(arrays["i8"])))
    write("npz", "scalar", npy(numpy.float32(1).reshape(())))
    write("npz", "no-rows", npy(numpy.zeros((0, 3), "f4")))
    write("npz", "big-endian", npy(arrays["f4"].astype(">f4")))
    write("npz", "structured", npy(numpy.zeros(2, [("a", "f4"), ("b", "i4")])))
    write("npz", "dictionary", b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3L), }\n")
    pair = [("x.npy", npy(arrays["f4"])), ("y.npy", npy(arrays["i8"][:, 0].copy()))]
    write("npz", "stored", npz(pair))
    write("npz", "deflated", npz(pair, zipfile.ZIP_DEFLATED))
    write("npz", "other-member", npz([("readme.txt", b"hello")] + pair[:1]))


write_onnx()
write_json()
write_containers()
write_npz()
