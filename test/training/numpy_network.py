"""The layers of the networks that the tests train, with their derivatives."""
import fnmatch

import numpy as np

from numpy_bounds import (Bounded, add, div, matmul, matmul_add, mul,
                          operation, round_f32, sqrt, sub, sum_rows)
from numpy_reference import EXP_LOG_ERROR, TINY32, U32, gamma
import numpy_reference

EXP_FLUSH = 2.0**-126  # exp may give 0 for what is below normal numbers

MODELS = dict(numpy_reference.MODELS, batchnorm="conv:conv1:1,"
              "batchnorm:batchnormalization1,relu,pool:2,dense:gemm1")


class Points:
    """Rounds at the places where mpc stores a result."""

    def __init__(self, precision, wide):
        self.precision, self.wide = precision, wide

    def __call__(self, name, number):
        keep = any(fnmatch.fnmatch(name, glob) for glob in self.wide)
        return number.round("fp32" if keep else self.precision)


class Layer:
    """Forward keeps what backward needs. Backward leaves `gradients`, forward of
    a layer with running statistics leaves `statistics`."""

    gradients = {}
    statistics = {}


class Dense(Layer):
    def __init__(self, name):
        self.name = name

    def forward(self, x, state, at):
        self.shape = x.value.shape
        self.x = x.map(lambda v: v.reshape(len(v), -1))
        self.x = at(self.name + ".in", self.x)
        self.w = at(self.name + ".weight", Bounded(state[self.name + ".weight"]))
        bias = at(self.name + ".bias", Bounded(state[self.name + ".bias"]))
        y = matmul_add(self.x, self.w.map(np.transpose), bias)
        return at(self.name + ".out", y)

    def backward(self, dy, at):
        columns = dy.map(np.transpose)
        dw, db = matmul(columns, self.x), sum_rows(columns)
        self.gradients = {
            self.name + ".weight": at(self.name + ".grad_weight", dw),
            self.name + ".bias": at(self.name + ".grad_bias", db),
        }
        dx = at(self.name + ".grad_in", matmul(dy, self.w))
        return dx.map(lambda v: v.reshape(self.shape))


def patches(x, kernel, pad):
    """[N, C, H, W] to [N * OH * OW, C * K * K], stride 1."""
    n, c = x.shape[:2]
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, c * kernel * kernel)


class Conv(Layer):
    """Stride 1, a square kernel, the same padding on all sides."""

    def __init__(self, name, pad):
        self.name, self.pad = name, int(pad)

    def to_images(self, rows):
        """[N * H * W, C] to [N, C, H, W], for images as large as the input."""
        n, _, h, w = self.shape
        grow = 2 * self.pad - self.kernel + 1
        return rows.map(lambda v: v.reshape(n, h + grow, w + grow, -1).transpose(
            0, 3, 1, 2))

    def forward(self, x, state, at):
        x = at(self.name + ".in", x)
        self.shape = x.value.shape
        self.w = at(self.name + ".weight", Bounded(state[self.name + ".weight"]))
        bias = at(self.name + ".bias", Bounded(state[self.name + ".bias"]))
        filters, _, self.kernel, _ = self.w.value.shape
        self.columns = x.map(lambda v: patches(v, self.kernel, self.pad))
        flat = self.w.map(lambda v: v.reshape(filters, -1).T)
        y = self.to_images(matmul_add(self.columns, flat, bias))
        return at(self.name + ".out", y)

    def backward(self, dy, at):
        filters = dy.value.shape[1]
        rows = dy.map(lambda v: v.transpose(1, 0, 2, 3).reshape(filters, -1))
        dw = matmul(rows, self.columns)
        dw = dw.map(lambda v: v.reshape(self.w.value.shape))
        self.gradients = {
            self.name + ".weight": at(self.name + ".grad_weight", dw),
            self.name + ".bias": at(self.name + ".grad_bias", sum_rows(rows)),
        }
        # A convolution of dy with the mirrored filters.
        pad = self.kernel - 1 - self.pad
        columns = dy.map(lambda v: patches(v, self.kernel, pad))
        mirrored = self.w.map(lambda v: v[:, :, ::-1, ::-1].transpose(
            0, 2, 3, 1).reshape(-1, v.shape[1]))
        n, c, h, w = self.shape
        dx = matmul(columns, mirrored).map(
            lambda v: v.reshape(n, h, w, c).transpose(0, 3, 1, 2))
        return at(self.name + ".grad_in", dx)


class BatchNorm(Layer):
    """Ioffe and Szegedy 2015 over [N, C, H, W], with ONNX's defaults: epsilon
    1e-5 and, for the running statistics, momentum 0.9, both as f32."""

    EPSILON, MOMENTUM = (float(np.float32(v)) for v in (1e-5, 0.9))

    def __init__(self, name):
        self.name = name

    @staticmethod
    def mean(x):
        """Per channel."""
        rows = x.map(lambda v: v.transpose(1, 0, 2, 3).reshape(v.shape[1], -1))
        return div(sum_rows(rows), Bounded(float(rows.value.shape[1])))

    @staticmethod
    def spread(v):
        return v.map(lambda c: c[:, None, None])

    def next(self, running, batch):
        keep = Bounded(self.MOMENTUM)
        take = Bounded(round_f32(np.float64(1 - self.MOMENTUM)))
        return add(mul(Bounded(running), keep), mul(batch, take))

    def forward(self, x, state, at):
        x = at(self.name + ".in", x)
        mean = self.mean(x)
        centered = sub(x, self.spread(mean))
        variance = self.mean(mul(centered, centered))
        deviation = sqrt(add(variance, Bounded(self.EPSILON)))
        self.inverse = div(Bounded(1.0), deviation)
        self.scale = Bounded(state[self.name + ".scale"])
        bias = Bounded(state[self.name + ".bias"])
        self.xhat = mul(centered, self.spread(self.inverse))
        y = add(mul(self.xhat, self.spread(self.scale)), self.spread(bias))
        y.source = np.where(x.error == 0, x.value, np.nan)
        means, variances = (self.name + ".running_mean",
                            self.name + ".running_var")
        self.statistics = {means: self.next(state[means], mean),
                           variances: self.next(state[variances], variance)}
        return at(self.name + ".out", y)

    def backward(self, dy, at):
        count = Bounded(float(dy.value.size // dy.value.shape[1]))
        of_dy, of_product = self.mean(dy), self.mean(mul(dy, self.xhat))
        self.gradients = {self.name + ".scale": mul(of_product, count),
                          self.name + ".bias": mul(of_dy, count)}
        factor = mul(self.scale, self.inverse)
        inner = sub(sub(dy, self.spread(of_dy)),
                    mul(self.xhat, self.spread(of_product)))
        return at(self.name + ".grad_in", mul(self.spread(factor), inner))


class Relu(Layer):
    """Where a bound makes the sign uncertain, both outcomes are inside."""

    def forward(self, x, state, at):
        value = np.maximum(x.value, 0)
        above = np.maximum(x.value + x.error, 0) - value
        below = value - np.maximum(x.value - x.error, 0)
        self.y = Bounded(value, np.maximum(above, below), x.source)
        return self.y

    def backward(self, dy, at):
        positive = self.y.value > 0
        certain = np.where(positive, self.y.value > self.y.error,
                           self.y.error == 0)
        value = np.where(positive, dy.value, 0)
        error = np.where(positive, dy.error, 0)
        return Bounded(value, np.where(certain, error, dy.magnitude))


class MaxPool(Layer):
    """Windows of size x size that tile the input; a remainder is left out. The
    first of equal elements wins; all that might win are inside the bound."""

    def __init__(self, size):
        self.size = int(size)

    def windows(self, v):
        n, c, h, w = v.shape
        s = self.size
        v = v[:, :, :h // s * s, :w // s * s].reshape(n, c, h // s, s, w // s, s)
        return v.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // s, w // s, s * s)

    def forward(self, x, state, at):
        self.shape = x.value.shape
        values, errors = self.windows(x.value), self.windows(x.error)
        best = values.argmax(-1)[..., None]
        value = values.max(-1)
        above = (values + errors).max(-1) - value
        below = value - (values - errors).max(-1)
        possible = values + errors >= (values - errors).max(-1)[..., None]
        exact_ties = (errors == 0).all(-1)[..., None]
        self.first = np.arange(values.shape[-1]) == best
        self.possible = np.where(exact_ties, self.first, possible)
        if x.source is not None:
            self.possible &= ~self.repeats(self.windows(x.source))
        return Bounded(value, np.maximum(above, below))

    @staticmethod
    def repeats(source):
        """Elements that are equal to an earlier one of their window."""
        equal = source[..., :, None] == source[..., None, :]
        return np.tril(equal, -1).any(-1)

    def backward(self, dy, at):
        certain = self.possible.sum(-1)[..., None] == 1
        value = np.where(self.first, dy.value[..., None], 0)
        error = np.where(certain & self.first, dy.error[..., None], 0)
        unsure = ~certain & self.possible
        error = np.where(unsure, dy.magnitude[..., None], error)
        return Bounded(value, error).map(self.unwindow)

    def unwindow(self, v):
        n, c, h, w = self.shape
        s = self.size
        v = v.reshape(n, c, h // s, w // s, s, s).transpose(0, 1, 2, 4, 3, 5)
        result = np.zeros(self.shape)
        result[:, :, :h // s * s, :w // s * s] = v.reshape(
            n, c, h // s * s, w // s * s)
        return result


def cross_entropy(logits, labels, scale, at):
    """Loss, and scale times its gradient by the logits."""
    rows, classes = logits.value.shape
    largest = logits.value.max(1, keepdims=True)
    powers = np.exp(logits.value - largest)
    total = powers.sum(1, keepdims=True)
    p = powers / total
    target = np.eye(classes)[labels]
    row_error = logits.error.max(1, keepdims=True)
    picked = (logits.value * target).sum(1, keepdims=True)
    log = np.log(total)
    # exp(x - m): u |x - m| of the argument, and d exp(-d) <= 1/e.
    of_sum = (EXP_LOG_ERROR + gamma(classes) + classes * U32 / np.e +
              classes * EXP_FLUSH)
    losses = log + largest - picked
    error = (2 * row_error + 1.01 * of_sum + EXP_LOG_ERROR * log +
             2 * gamma(2) * (log + np.abs(largest - picked)))
    loss = Bounded(losses.mean(), error.mean() +
                   gamma(rows + 1) * (losses + error).mean())
    # Moving each logit by at most e changes p by at most a factor exp(2 e).
    depth = largest - logits.value
    relative = (np.expm1(2 * row_error) + EXP_LOG_ERROR + of_sum + 2 * U32 +
                gamma(2) * depth)
    value = scale * (p - target) / rows
    error = (scale / rows * (1.01 * p * relative + EXP_FLUSH + gamma(4) *
                             np.abs(p - target)) + (scale + 4) * TINY32)
    return loss, at("loss.grad", Bounded(value, error))


def build(layers):
    kinds = {"dense": Dense, "conv": Conv, "relu": Relu, "pool": MaxPool,
             "batchnorm": BatchNorm}
    result = []
    for text in layers.split(","):
        kind, *arguments = text.split(":")
        if kind not in kinds:
            raise ValueError(f"layer '{text}': expected {', '.join(kinds)}")
        result.append(kinds[kind](*arguments))
    return result


def gradients_of(layers, state, x, labels, scale, at):
    """Loss and the gradient of each parameter, unscaled, as the optimizer reads
    them. The scale is a power of two: dividing by it is exact but for
    underflow."""
    value = at("input", Bounded(x))
    for layer in layers:
        value = layer.forward(value, state, at)
    loss, gradient = cross_entropy(value, labels, scale, at)
    result = {}
    for layer in reversed(layers):
        gradient = layer.backward(gradient, at)
        for name, number in layer.gradients.items():
            result[name] = operation(number.value / scale, number.error / scale)
    return loss, result


def statistics_of(layers):
    """The running statistics after the step, once gradients_of ran."""
    return {name: number for layer in layers
            for name, number in layer.statistics.items()}
