#!/usr/bin/env python3
"""Times a training step of JAX and prints a line of JSON.

usage: peer_jax.py WORKLOAD FORMAT WEIGHTS.safetensors BATCH.npz

The whole step is one jitted function whose states are donated: JAX at its best. Weights
are FP32; products, convolutions and what is between them are in FORMAT (fp32, fp16 with
dynamic loss scaling, bf16), losses in f32.
"""
import functools
import os
import sys
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
import jax
import jax.numpy as jnp
import numpy
from safetensors.numpy import load_file

import workload


def dense(weights, name, x):
    return x @ weights[name + ".weight"].astype(x.dtype).T + weights[name + ".bias"].astype(x.dtype)


def layers(weights, names, x):
    for name in names:
        x = jax.nn.relu(dense(weights, name, x))
    return x


def class_loss(logits, label):
    logits = jax.nn.log_softmax(logits.astype(jnp.float32))
    return -jnp.take_along_axis(logits, label[:, None], 1).mean()


def binary_loss(logits, label):
    logits = logits.astype(jnp.float32)
    return (jnp.maximum(logits, 0) - logits * label + jnp.log1p(jnp.exp(-jnp.abs(logits)))).mean()


def mlp(weights, dtype, x):
    return dense(weights, "net.4", layers(weights, ["net.0", "net.2"], x.astype(dtype)))


def cnn(weights, dtype, x):
    x = jax.lax.conv_general_dilated(x.astype(dtype), weights["conv1.weight"].astype(dtype), (1, 1), "SAME",
                                     dimension_numbers=("NCHW", "OIHW", "NCHW"))
    x = jax.nn.relu(x + weights["conv1.bias"].astype(dtype)[None, :, None, None])
    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    return dense(weights, "fc", x.reshape(x.shape[0], -1))


def dlrm(weights, dtype, x, indices):
    bottom = layers(weights, ["bot.0", "bot.2", "bot.4"], x.astype(dtype))
    tables = sum(name.startswith("emb.") for name in weights)
    rows = [bottom] + [weights[f"emb.{i}.weight"][indices[:, i]].astype(dtype) for i in range(tables)]
    vectors = jnp.stack(rows, 1)
    products = jnp.einsum("bik,bjk->bij", vectors, vectors)
    upper = numpy.triu_indices(tables + 1, 1)
    crossed = products[:, upper[0], upper[1]]
    x = layers(weights, ["top.0", "top.2"], jnp.concatenate([bottom, crossed], 1))
    return dense(weights, "top.4", x)[:, 0]


NETWORKS = {"mlp": (mlp, class_loss), "cnn": (cnn, class_loss), "dlrm": (dlrm, binary_loss)}


def sgd(options, weight, gradient, moments, count):
    del count
    gradient = gradient + options["weight_decay"] * weight
    moment = options["momentum"] * moments[0] + gradient
    return weight - options["lr"] * moment, (moment,)


def adam(options, weight, gradient, moments, count, beta1=0.9, beta2=0.999, epsilon=1e-8):
    first = beta1 * moments[0] + (1 - beta1) * gradient
    second = beta2 * moments[1] + (1 - beta2) * gradient * gradient
    step = (first / (1 - beta1**count)) / (jnp.sqrt(second / (1 - beta2**count)) + epsilon)
    return weight - options["lr"] * step, (first, second)


def step_of(name, dtype, inputs, label):
    network, criterion = NETWORKS[name]
    options = workload.OPTIMIZERS[name]
    update = {"sgd": sgd, "adam": adam}[options["kind"]]

    def scaled_loss(weights, scale):
        loss = criterion(network(weights, dtype, *inputs), label)
        return loss * scale, loss

    @functools.partial(jax.jit, donate_argnums=0)
    def step(state):
        weights, moments, count, scale, good = state
        gradients, loss = jax.grad(scaled_loss, has_aux=True)(weights, scale)
        gradients = jax.tree.map(lambda g: g / scale, gradients)
        finite = jnp.all(jnp.array([jnp.all(jnp.isfinite(g)) for g in jax.tree.leaves(gradients)]))
        updated = {key: update(options, weights[key], gradients[key], moments[key], count + 1.0)
                   for key in weights}
        choose = functools.partial(jax.tree.map, lambda new, old: jnp.where(finite, new, old))
        grown = good + 1 >= workload.GROWTH_INTERVAL
        dynamic = dtype == jnp.float16
        next_scale = jnp.where(finite, jnp.where(grown, scale * 2, scale), scale / 2) if dynamic else scale
        return (choose({key: value for key, (value, _) in updated.items()}, weights),
                choose({key: value for key, (_, value) in updated.items()}, moments),
                jnp.where(finite, count + 1, count), next_scale,
                jnp.where(finite & ~grown, good + 1, 0)), loss

    return step


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    name, precision, weights, batch = sys.argv[1:]
    dtype = {"fp32": jnp.float32, "fp16": jnp.float16, "bf16": jnp.bfloat16}[precision]
    jax.config.update("jax_default_matmul_precision", "highest" if precision == "fp32" else None)
    inputs, label = workload.read_batch(batch)
    weights = {key: jnp.asarray(value) for key, value in load_file(weights).items()
               if value.dtype == numpy.float32}
    count = 1 if workload.OPTIMIZERS[name]["kind"] == "sgd" else 2
    moments = {key: tuple(jnp.zeros_like(value) for _ in range(count)) for key, value in weights.items()}
    scale = workload.SCALE if precision == "fp16" else 1.0
    state = (weights, moments, jnp.float32(0), jnp.float32(scale), jnp.int32(0))
    step = step_of(name, dtype, [jnp.asarray(array) for array in inputs], jnp.asarray(label))
    losses, milliseconds = [], []
    for _ in range(workload.LOSSES):
        state, loss = step(state)
        losses.append(float(loss))
    for _ in range(workload.REPEATS + 1):
        jax.block_until_ready(state)
        begin = time.perf_counter()
        for _ in range(workload.TIMED):
            state, loss = step(state)
        jax.block_until_ready(state)
        milliseconds.append((time.perf_counter() - begin) / workload.TIMED * 1e3)
    workload.report(f"JAX {jax.__version__}", milliseconds[1:], losses)


main()
