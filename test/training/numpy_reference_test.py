#!/usr/bin/env python3
"""Tests numpy_reference.py: its gradients are derivatives, it accepts steps
computed in another order of summation and refuses wrong ones."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import numpy_reference as reference

HERE = os.path.dirname(os.path.abspath(__file__))


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, value in tensors.items():
        value = np.asarray(value)
        dtype = "I64" if value.dtype == np.int64 else "F32"
        raw = value.astype("<i8" if dtype == "I64" else "<f4").tobytes()
        header[name] = {"dtype": dtype, "shape": list(value.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def exact(name, number):
    """In place of reference.Points: rounds nowhere."""
    return reference.Bounded(number.value)


class GradientsAreDerivatives(unittest.TestCase):
    # Central differences of a smooth piece err by h^2 L''' / 6 and by rounding
    # u L / h, both about 1e-11 here. Six places leave room for a large third
    # derivative and are far from any wrong gradient.
    def check(self, layers, shapes, input_shape):
        random = np.random.default_rng(1)
        state = {n: random.normal(size=s) for n, s in shapes.items()}
        x, labels = random.normal(size=input_shape), np.array([2, 0])

        def run():
            return reference.gradients_of(reference.build(layers), state, x,
                                          labels, 1.0, exact)

        _, gradients = run()
        h = np.cbrt(2.0**-53)
        for name, value in state.items():
            for at in random.choice(value.size, min(value.size, 12), False):
                old = value.flat[at]
                value.flat[at] = old + h
                above = run()[0].value
                value.flat[at] = old - h
                below = run()[0].value
                value.flat[at] = old
                got = gradients[name].value.flat[at]
                self.assertAlmostEqual(got, (above - below) / (2 * h), 6, name)

    def test_dense(self):
        self.check("dense:a,relu,dense:b",
                   {"a.weight": (5, 4), "a.bias": (5,), "b.weight": (3, 5),
                    "b.bias": (3,)}, (2, 4))

    def test_conv(self):
        self.check("conv:a:1,relu,pool:2,conv:b:0,relu,pool:2,dense:c",
                   {"a.weight": (3, 2, 3, 3), "a.bias": (3,),
                    "b.weight": (2, 3, 2, 2), "b.bias": (2,),
                    "c.weight": (3, 8), "c.bias": (3,)}, (2, 2, 10, 11))


class StepsAreJudged(unittest.TestCase):
    LAYERS = "dense:a,relu,dense:b"

    def setUp(self):
        random = np.random.default_rng(2)
        f32 = np.float32
        self.state = {
            "a.weight": random.normal(size=(64, 32)).astype(f32) / f32(6),
            "a.bias": random.normal(size=64).astype(f32) / f32(6),
            "b.weight": random.normal(size=(5, 64)).astype(f32) / f32(8),
            "b.bias": random.normal(size=5).astype(f32) / f32(8),
            "lr": f32(1), "weight_decay": f32(0), "loss_scale": f32(1024),
            "applied_steps": np.int64(0)}
        self.x = random.normal(size=(16, 32)).astype(f32)
        self.y = random.integers(0, 5, 16)

    def gradients(self, narrow):
        """In f32, summed from the last term to the first; each result in the
        given format."""
        def r(v):
            return v.astype(narrow).astype(np.float32)

        def dot(a, b):
            total = np.zeros((len(a), b.shape[1]), np.float32)
            for k in reversed(range(a.shape[1])):
                total += a[:, k:k + 1] * b[k:k + 1]
            return total

        s, x = self.state, r(self.x)
        scale = s["loss_scale"]
        w1, w2 = r(s["a.weight"]), r(s["b.weight"])
        h = np.maximum(r(dot(x, w1.T) + r(s["a.bias"])), np.float32(0))
        z = r(dot(h, w2.T) + r(s["b.bias"]))
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(16), self.y] -= np.float32(1)
        dz = r(scale * p / np.float32(16))
        dh = r(dot(dz, w2)) * (h > 0)
        g = {"b.weight": dot(dz.T, h), "b.bias": dz[::-1].sum(0),
             "a.weight": dot(dh.T, x), "a.bias": dh[::-1].sum(0)}
        return {name: r(v) / scale for name, v in g.items()}

    def judge(self, before, after, optimizer, precision):
        with tempfile.TemporaryDirectory() as folder:
            path = lambda name: os.path.join(folder, name)
            write_safetensors(path("before"), before)
            write_safetensors(path("after"), after)
            np.savez(path("batch.npz"), x=self.x, y=self.y)
            done = subprocess.run(
                [sys.executable, os.path.join(HERE, "numpy_reference.py"),
                 "--layers", self.LAYERS, "--state", path("before"), "--after",
                 path("after"), "--batch", path("batch.npz"), "--optimizer",
                 optimizer, "--precision", precision],
                capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def sgd(self, precision, narrow):
        after = dict(self.state, applied_steps=np.int64(1))
        for name, g in self.gradients(narrow).items():
            after[name] = self.state[name] - g
        return self.judge(self.state, after, "sgd", precision), after

    def test_accepts_sgd_in_f32(self):
        (code, text), _ = self.sgd("fp32", np.float32)
        self.assertEqual(code, 0, text)
        self.assertIn("4 of 4 tensors", text)

    def test_accepts_sgd_in_f16(self):
        (code, text), _ = self.sgd("fp16", np.float16)
        self.assertEqual(code, 0, text)

    def test_refuses_f16_where_f32_was_asked(self):
        (code, text), _ = self.sgd("fp32", np.float16)
        self.assertEqual(code, 1, text)

    def test_names_the_tensor_that_is_wrong(self):
        for precision, narrow in (("fp32", np.float32), ("fp16", np.float16)):
            _, after = self.sgd(precision, narrow)
            after["b.weight"] = after["b.weight"].copy()
            after["b.weight"][3, 7] += np.float32(0.01)
            code, text = self.judge(self.state, after, "sgd", precision)
            self.assertEqual(code, 1)
            self.assertIn("b.weight (step)[3, 7] is", text)

    def test_sees_a_skipped_step(self):
        code, text = self.judge(self.state, self.state, "sgd", "fp32")
        self.assertEqual(code, 3)
        self.assertIn("applied_steps went from 0 to 0", text)

    def adam(self, decoupled):
        f32 = np.float32
        lr, b1, b2, eps, wd = map(f32, (0.01, 0.9, 0.999, 1e-8, 0.1))
        before = dict(self.state, lr=lr, beta1=b1, beta2=b2, eps=eps,
                      weight_decay=wd, applied_steps=np.int64(4))
        gradients = self.gradients(f32)
        random = np.random.default_rng(3)
        for name, g in gradients.items():
            before[name + ".exp_avg"] = random.normal(size=g.shape).astype(f32)
            before[name + ".exp_avg_sq"] = random.random(g.shape).astype(f32)
        after = dict(before, applied_steps=np.int64(5))
        for name, g in gradients.items():
            p = before[name]
            if decoupled:
                p = p * (1 - lr * wd)
            else:
                g = g + wd * p
            m = b1 * before[name + ".exp_avg"] + (1 - b1) * g
            v = b2 * before[name + ".exp_avg_sq"] + (1 - b2) * g * g
            after[name + ".exp_avg"], after[name + ".exp_avg_sq"] = m, v
            root = np.sqrt(v) / np.sqrt(1 - b2**5)
            after[name] = p - lr / (1 - b1**5) * m / (root + eps)
        return before, after

    def test_accepts_adam_and_adamw(self):
        for optimizer in ("adam", "adamw"):
            before, after = self.adam(optimizer == "adamw")
            code, text = self.judge(before, after, optimizer, "fp32")
            self.assertEqual(code, 0, text)
            self.assertIn("12 of 12 tensors", text)

    def test_tells_adam_from_adamw(self):
        before, after = self.adam(decoupled=True)
        code, _ = self.judge(before, after, "adam", "fp32")
        self.assertEqual(code, 1)


if __name__ == "__main__":
    unittest.main()
