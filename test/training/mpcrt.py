"""The runtime's C API by ctypes: runtime/include/mpcrt/runtime.h, as far as the tests
need it. The library is that of MPCRT_LIBRARY, else libmpcrt.so.0 beside this file.
"""
import ctypes
import os

import numpy as np

DTYPES = [np.float32, np.float16, None, np.int64, np.int32, np.uint8, np.bool_, np.int8]
DERIVED = 7  # a role


class TensorInfo(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("dtype", ctypes.c_int), ("role", ctypes.c_int),
                ("rank", ctypes.c_int), ("dimensions", ctypes.c_int64 * 8),
                ("bytes", ctypes.c_size_t)]

    @property
    def shape(self):
        return tuple(self.dimensions[:self.rank])


class Status(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in
                ("applied", "applied_steps", "skipped_steps", "nonfinite_count")] + [
                    (name, ctypes.c_float) for name in
                    ("loss", "loss_scale", "next_loss_scale", "grad_norm", "lr")]


class Options(ctypes.Structure):
    _fields_ = [("threads", ctypes.c_int), ("device", ctypes.c_char_p),
                ("seed_given", ctypes.c_int), ("seed", ctypes.c_uint64)]


def load():
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libmpcrt.so.0")
    library = ctypes.CDLL(os.environ.get("MPCRT_LIBRARY", beside))
    library.mpcrt_last_error.restype = ctypes.c_char_p
    return library


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


class Program:
    """An open artifact. Calls that fail raise RuntimeError with the message."""

    def __init__(self, path, device):
        self.library, self.handle = load(), ctypes.c_void_p()
        options = Options(0, device.encode(), 0, 0)
        self.check(self.library.mpcrt_open(path.encode(), ctypes.byref(options),
                                           ctypes.byref(self.handle)))
        self.inputs = self.list("input")
        self.states = [s for s in self.list("tensor") if s.role != DERIVED]
        self.label = TensorInfo()
        self.check(self.library.mpcrt_label(self.handle, ctypes.byref(self.label)))

    def check(self, code):
        if code:
            message = self.library.mpcrt_last_error(self.handle)
            raise RuntimeError(f"code {code}: {message.decode()}")

    def list(self, kind):
        infos = []
        for i in range(getattr(self.library, f"mpcrt_{kind}_count")(self.handle)):
            infos.append(TensorInfo())
            self.check(getattr(self.library, "mpcrt_" + kind)(
                self.handle, i, ctypes.byref(infos[-1])))
        return infos

    def state(self):
        """Every state but what is derived."""
        result = {}
        for info in self.states:
            array = np.empty(info.shape, DTYPES[info.dtype])
            self.check(self.library.mpcrt_get(self.handle, info.name, pointer(array),
                                              ctypes.c_size_t(info.bytes)))
            result[info.name.decode()] = array
        return result

    def set(self, state):
        for info in self.states:
            array = np.ascontiguousarray(state[info.name.decode()], DTYPES[info.dtype])
            self.check(self.library.mpcrt_set(self.handle, info.name, pointer(array),
                                              ctypes.c_size_t(info.bytes)))

    def step(self, inputs, label):
        arrays = [np.ascontiguousarray(inputs[info.name.decode()], DTYPES[info.dtype])
                  for info in self.inputs]
        label = np.ascontiguousarray(label, DTYPES[self.label.dtype])
        pointers = (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))
        status = Status()
        self.check(self.library.mpcrt_step(self.handle, pointers, pointer(label),
                                           ctypes.byref(status)))
        return status
