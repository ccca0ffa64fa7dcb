#!/usr/bin/env python3
"""Checks one training step of mpc against an independent NumPy computation.

Reads the state before and after the step (checkpoints, safetensors) and the
batch, computes loss, gradients and moments in f64 and compares:

  sgd          steps, as (before - after) / lr (without momentum: the
               gradients), and momentum
  adam, adamw  both moments, and the weights against the optimizer's formula
               applied to the moments that mpc itself stored

Every number carries two bounds on how far mpc's f32 computation, in any order of
summation, may lie from it; a difference has to be within the smaller one.

`error` holds in any case. A sum of k products errs by at most gamma(k) =
k u / (1 - k u) times the sum of magnitudes, u = 2^-24 (Higham 2002, section
3.1); bounds of operands are carried through each operation.

`SIGMAS` times `spread` holds if rounding errors are independent and have mean
zero: then errors add up as their squares do, and a sum errs by more than
lambda sqrt(k) u times the sum of magnitudes with a probability of at most
2 exp(-lambda^2 / 2) (Higham and Mary 2019, "A new approach to probabilistic
rounding error analysis", theorem 2.4), which is 3e-14 for the 8 used here. In
deep or wide networks only this one is near the truth: `error` grows with the
sum of magnitudes of each layer's weights.

Where mpc stores a result in f16 or bf16, the number is rounded. Rounding is
monotonic, so a number whose interval holds no rounding boundary becomes exact;
any other may become a neighbour. Where a bound makes the sign at a ReLU or the
winner of a maximum uncertain, all outcomes are inside the bound.

Exit codes: 0 within the bounds, 1 outside, 2 usage, 3 the step was skipped.
"""
import argparse
import fnmatch
import json
import sys

import numpy as np

U32 = 2.0**-24
TINY32 = 2.0**-149
EXP_LOG_ERROR = 4 * U32  # exp and log are within 2 ulp of f32
SIGMAS = 8

# ONNX exports (mlp, cnn) and the networks under examples/.
MODELS = {
    "mlp": "dense:net.0,relu,dense:net.2,relu,dense:net.4",
    "cnn": "conv:conv1:1,relu,pool:2,dense:fc",
    "example-cnn": "conv:conv1:1,relu,pool:2,dense:logits",
    "dense": "dense:gemm1,relu,dense:logits",
    "mlp64": "dense:gemm1,relu,dense:logits",
    "digits": "conv:conv1:1,relu,pool:2,conv:conv2:1,relu,pool:2,dense:logits",
}


def gamma(k):
    return k * U32 / (1 - k * U32)


# -- Formats -------------------------------------------------------------------


def round_f32(x):
    with np.errstate(over="ignore"):
        return x.astype(np.float32).astype(np.float64)


def round_f16(x):
    with np.errstate(over="ignore"):
        return x.astype(np.float32).astype(np.float16).astype(np.float64)


def round_bf16(x):
    bits = np.ascontiguousarray(round_f32(x).astype(np.float32)).view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    upper = (bits + np.uint32(0x7FFF) + odd) & np.uint32(0xFFFF0000)
    return upper.view(np.float32).astype(np.float64)


ROUND = {"fp32": round_f32, "fp16": round_f16, "bf16": round_bf16}
# Distance of neighbours, relative to a normal number, and of subnormals.
SPACING = {"fp32": (2.0**-23, TINY32), "fp16": (2.0**-10, 2.0**-24),
           "bf16": (2.0**-7, 2.0**-133)}


def hypot(*parts):
    """Independent errors together."""
    return np.sqrt(sum(part**2 for part in parts))


class Bounded:
    """Numbers, how far mpc's may lie from them, and how far they spread."""

    def __init__(self, value, error=None, spread=None):
        self.value = np.asarray(value, np.float64)
        self.error = np.zeros_like(self.value) if error is None else error
        self.spread = np.zeros_like(self.value) if spread is None else spread

    @property
    def radii(self):
        """Half the widths of the two intervals."""
        return self.error, SIGMAS * self.spread

    @property
    def magnitudes(self):
        """The largest magnitude in each interval."""
        return [np.abs(self.value) + radius for radius in self.radii]

    def move(self, function):
        """Applies a function that moves elements and computes nothing."""
        return Bounded(*map(function, (self.value, self.error, self.spread)))

    def widen(self, rounding):
        """With a further rounding error, a function of the magnitude."""
        of_error, of_spread = map(rounding, self.magnitudes)
        return Bounded(self.value, self.error + of_error,
                       hypot(self.spread, of_spread))

    def scale(self, factor):
        return Bounded(self.value * factor, self.error * np.abs(factor),
                       self.spread * np.abs(factor))

    def round(self, precision):
        nearest = ROUND[precision]
        value = nearest(self.value)
        if not np.isfinite(value).all():
            sys.exit("a value overflows " + precision +
                     ": the step has to be skipped; lower the loss scale")
        error, reach = (np.stack([nearest(self.value + r) - value,
                                  value - nearest(self.value - r)]).max(0)
                        for r in self.radii)
        relative, subnormal = SPACING[precision]
        spacing = np.maximum(relative * np.abs(value), subnormal)
        spread = np.where(reach == 0, 0, hypot(self.spread, spacing))
        return Bounded(value, error, spread)


def matmul(a, b):
    """a @ b, summed in f32."""
    terms = a.value.shape[-1]
    plain = np.abs(a.value) @ np.abs(b.value)
    magnitude = a.magnitudes[0] @ b.magnitudes[0]
    # f64's own error in the difference of the two is far below what follows.
    error = np.maximum(magnitude - plain, 0) + gamma(terms + 3) * magnitude
    spread = np.sqrt(a.value**2 @ b.spread**2 +
                     a.spread**2 @ (b.value**2 + b.spread**2) +
                     (np.sqrt(terms + 3) * U32 * plain)**2)
    return Bounded(a.value @ b.value, error + terms * TINY32,
                   spread + terms * TINY32)


def add(a, b):
    total = Bounded(a.value + b.value, a.error + b.error,
                    hypot(a.spread, b.spread))
    return total.widen(lambda m: U32 * m)


def sum_axis(a, axis):
    total = a.value.sum(axis)
    terms = a.value.size // total.size
    return Bounded(total,
                   a.error.sum(axis) + gamma(terms) * a.magnitudes[0].sum(axis),
                   np.sqrt((a.spread**2).sum(axis) + terms *
                           (U32 * np.abs(a.value).sum(axis))**2))


# -- Layers: forward keeps what backward needs ---------------------------------


class Points:
    """Rounds at the places where mpc stores a result."""

    def __init__(self, precision, wide):
        self.precision, self.wide = precision, wide

    def __call__(self, name, number):
        keep = any(fnmatch.fnmatch(name, glob) for glob in self.wide)
        return number.round("fp32" if keep else self.precision)


class Dense:
    def __init__(self, name):
        self.name = name

    def forward(self, x, state, at):
        self.shape = x.value.shape
        self.x = x.move(lambda v: v.reshape(len(v), -1))
        self.x = at(self.name + ".in", self.x)
        self.w = at(self.name + ".weight", Bounded(state[self.name + ".weight"]))
        bias = at(self.name + ".bias", Bounded(state[self.name + ".bias"]))
        product = matmul(self.x, self.w.move(np.transpose))
        return at(self.name + ".out", add(product, bias))

    def backward(self, dy, at):
        dw = matmul(dy.move(np.transpose), self.x)
        self.gradients = {
            self.name + ".weight": at(self.name + ".grad_weight", dw),
            self.name + ".bias": at(self.name + ".grad_bias", sum_axis(dy, 0)),
        }
        dx = at(self.name + ".grad_in", matmul(dy, self.w))
        return dx.move(lambda v: v.reshape(self.shape))


def patches(x, kernel, pad):
    """[N, C, H, W] to [N * OH * OW, C * K * K], stride 1."""
    n, c = x.shape[:2]
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, c * kernel * kernel)


def scatter(columns, shape, kernel, pad):
    """The transpose of patches: sums what came from the same element."""
    n, c, h, w = shape
    oh, ow = h + 2 * pad - kernel + 1, w + 2 * pad - kernel + 1
    columns = columns.reshape(n, oh, ow, c, kernel, kernel)
    result = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for i in range(kernel):
        for j in range(kernel):
            part = columns[..., i, j].transpose(0, 3, 1, 2)
            result[:, :, i:i + oh, j:j + ow] += part
    return result[:, :, pad:pad + h, pad:pad + w]


class Conv:
    """Stride 1, a square kernel, the same padding on all sides."""

    def __init__(self, name, pad):
        self.name, self.pad = name, int(pad)

    def forward(self, x, state, at):
        x = at(self.name + ".in", x)
        self.shape = x.value.shape
        self.w = at(self.name + ".weight", Bounded(state[self.name + ".weight"]))
        bias = at(self.name + ".bias", Bounded(state[self.name + ".bias"]))
        filters, _, self.kernel, _ = self.w.value.shape
        self.columns = x.move(lambda v: patches(v, self.kernel, self.pad))
        self.rows = self.w.move(lambda v: v.reshape(filters, -1))
        y = add(matmul(self.columns, self.rows.move(np.transpose)), bias)
        n, _, h, w = self.shape
        oh, ow = (size + 2 * self.pad - self.kernel + 1 for size in (h, w))
        y = y.move(lambda v: v.reshape(n, oh, ow, filters).transpose(0, 3, 1, 2))
        return at(self.name + ".out", y)

    def backward(self, dy, at):
        filters = dy.value.shape[1]
        rows = dy.move(lambda v: v.transpose(0, 2, 3, 1).reshape(-1, filters))
        dw = matmul(rows.move(np.transpose), self.columns)
        dw = dw.move(lambda v: v.reshape(self.w.value.shape))
        self.gradients = {
            self.name + ".weight": at(self.name + ".grad_weight", dw),
            self.name + ".bias": at(self.name + ".grad_bias", sum_axis(rows, 0)),
        }
        dx = matmul(rows, self.rows)
        back = lambda v: scatter(v, self.shape, self.kernel, self.pad)
        # The sums of the scatter are part of the same f32 sum.
        dx = Bounded(back(dx.value),
                     back(dx.error) + gamma(self.kernel**2) *
                     back(dx.magnitudes[0]),
                     np.sqrt(back(dx.spread**2) +
                             (self.kernel * U32 * back(np.abs(dx.value)))**2))
        return at(self.name + ".grad_in", dx)


class Relu:
    gradients = {}

    def forward(self, x, state, at):
        value = np.maximum(x.value, 0)
        above = np.maximum(x.value + x.error, 0) - value
        below = value - np.maximum(x.value - x.error, 0)
        spread = np.where(x.value + SIGMAS * x.spread > 0, x.spread, 0)
        self.y = Bounded(value, np.maximum(above, below), spread)
        return self.y

    def backward(self, dy, at):
        positive = self.y.value > 0
        error, spread = (
            np.where(np.where(positive, self.y.value > r, r == 0),
                     np.where(positive, radius, 0), magnitude)
            for r, radius, magnitude in zip(
                self.y.radii, (dy.error, dy.spread), dy.magnitudes))
        return Bounded(np.where(positive, dy.value, 0), error, spread)


class MaxPool:
    """Windows of size x size that tile the input; a remainder is left out."""

    gradients = {}

    def __init__(self, size):
        self.size = int(size)

    def windows(self, v):
        n, c, h, w = v.shape
        s = self.size
        v = v[:, :, :h // s * s, :w // s * s].reshape(n, c, h // s, s, w // s, s)
        return v.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // s, w // s, s * s)

    def forward(self, x, state, at):
        self.shape = x.value.shape
        x = x.move(self.windows)
        best = x.value.argmax(-1)[..., None]
        self.first = np.arange(x.value.shape[-1]) == best
        # Which elements might be the first largest, under either bound.
        self.possible = []
        for r in x.radii:
            near = x.value + r >= (x.value - r).max(-1)[..., None]
            exact = (r == 0).all(-1)[..., None]
            self.possible.append(np.where(exact, self.first, near))
        value = x.value.max(-1)
        error = np.maximum((x.value + x.error).max(-1) - value,
                           value - (x.value - x.error).max(-1))
        return Bounded(value, error,
                       np.where(self.possible[1], x.spread, 0).max(-1))

    def backward(self, dy, at):
        radii = []
        for possible, radius, magnitude in zip(
                self.possible, (dy.error, dy.spread), dy.magnitudes):
            certain = possible.sum(-1)[..., None] == 1
            radius = np.where(certain & self.first, radius[..., None], 0)
            radii.append(np.where(~certain & possible, magnitude[..., None],
                                  radius))
        value = np.where(self.first, dy.value[..., None], 0)
        return Bounded(value, *radii).move(self.unwindow)

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
    picked = (logits.value * target).sum(1, keepdims=True)
    log = np.log(total)
    # exp(x - m): u |x - m| of the argument, and d exp(-d) <= 1/e.
    of_sum = EXP_LOG_ERROR + gamma(classes) + classes * U32 / np.e
    losses = log + largest - picked
    rounding = (1.01 * of_sum + EXP_LOG_ERROR * log +
                2 * gamma(2) * (log + np.abs(largest) + np.abs(picked)))
    depth = largest - logits.value
    of_p = (EXP_LOG_ERROR + of_sum + 2 * U32 + gamma(3) * (depth + log) +
            EXP_LOG_ERROR * log)

    # If no logit of a row moves by more than r, its loss moves by at most 2 r
    # and a probability at most by a factor exp(2 r).
    row_error, row_spread = (r.max(1, keepdims=True)
                             for r in (logits.error, logits.spread))
    loss = Bounded(losses.mean(), (2 * row_error).mean(),
                   hypot(2 * row_spread).mean() / np.sqrt(rows))
    loss = loss.widen(lambda m: (rounding + gamma(rows + 1) *
                                 (losses + rounding)).mean())
    factor = scale / rows
    error, spread = (factor * 1.01 * p * np.expm1(np.minimum(2 * r, 50))
                     for r in (row_error, row_spread))
    gradient = Bounded(factor * (p - target), error, spread)
    rounding = factor * (1.01 * p * of_p + gamma(4) * (p + target))
    gradient = gradient.widen(lambda m: rounding + (scale + 4) * TINY32)
    return loss, at("loss.grad", gradient)


def build(layers):
    kinds = {"dense": Dense, "conv": Conv, "relu": Relu, "pool": MaxPool}
    result = []
    for text in layers.split(","):
        kind, *arguments = text.split(":")
        if kind not in kinds:
            raise ValueError(f"layer '{text}': expected {', '.join(kinds)}")
        result.append(kinds[kind](*arguments))
    return result


def gradients_of(layers, state, x, labels, scale, at):
    """Loss and the gradient of each parameter, unscaled, as the optimizer
    reads them."""
    value = at("input", Bounded(x))
    for layer in layers:
        value = layer.forward(value, state, at)
    loss, gradient = cross_entropy(value, labels, scale, at)
    result = {}
    for layer in reversed(layers):
        gradient = layer.backward(gradient, at)
        for name, number in layer.gradients.items():
            # The scale is a power of two: exact but for underflow.
            result[name] = number.scale(1 / scale).widen(lambda m: TINY32)
    return loss, result


# -- Files ---------------------------------------------------------------------

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4",
          "U8": "u1", "BOOL": "u1"}


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or name.startswith("_pad."):
            continue
        begin, stop = (end + offset for offset in entry["data_offsets"])
        raw = data[begin:stop]
        if entry["dtype"] == "BF16":
            wide = np.frombuffer(raw, "<u2").astype(np.uint32) << np.uint32(16)
            value = wide.view(np.float32)
        else:
            value = np.frombuffer(raw, DTYPES[entry["dtype"]])
        tensors[name] = value.reshape(entry["shape"]).astype(
            np.int64 if entry["dtype"][0] in "IUB" else np.float64)
    return tensors


# -- Optimizers ----------------------------------------------------------------
# Hyper-parameters are those in the state after the step: the user may have set
# them just before it.


def plus(number, constant):
    """The sum with numbers of mpc's own, each in up to two roundings."""
    rounding = lambda m: gamma(3) * (m + 2 * np.abs(constant))
    return Bounded(number.value + constant, number.error,
                   number.spread).widen(rounding)


def check_sgd(name, gradient, before, after, report, nesterov):
    lr, p = float(after["lr"]), before[name]
    step = plus(gradient, float(after.get("weight_decay", 0)) * p)
    moment = name + ".momentum"
    if moment in before:
        mu = float(after["momentum"])
        momentum = plus(step, mu * before[moment])
        report(moment, after[moment], momentum)
        # Nesterov's step is g + mu (mu m + g), in terms of g.
        step = (plus(step.scale(1 + mu).widen(lambda m: gamma(3) * m),
                     mu * mu * before[moment]) if nesterov else momentum)
    # What the update and its subtraction from p round, seen through 1 / lr.
    report(name + " (step)", (p - after[name]) / lr,
           step.widen(lambda m: gamma(4) * (np.abs(p) / lr + m)))


def check_adam(name, gradient, before, after, report, decoupled):
    p, decay = before[name], float(after.get("weight_decay", 0))
    lr, eps = float(after["lr"]), float(after["eps"])
    beta1, beta2 = float(after["beta1"]), float(after["beta2"])
    g = gradient if decoupled else plus(gradient, decay * p)
    m0, v0 = before[name + ".exp_avg"], before[name + ".exp_avg_sq"]
    rounded = lambda number: number.widen(lambda m: gamma(3) * m + 4 * TINY32)
    report(name + ".exp_avg", after[name + ".exp_avg"],
           plus(rounded(g.scale(1 - beta1)), beta1 * m0))
    # (g + e)^2 - g^2 = (2 g + e) e
    square = Bounded(g.value**2, *(
        (2 * np.abs(g.value) + reach) * radius
        for reach, radius in zip(g.radii, (g.error, g.spread))))
    report(name + ".exp_avg_sq", after[name + ".exp_avg_sq"],
           plus(rounded(square.scale(1 - beta2)), beta2 * v0))

    # The weights: the formula on the moments that mpc stored (which are rounded
    # to f32, the ones it used may not have been: one more u each).
    m, v = after[name + ".exp_avg"], after[name + ".exp_avg_sq"]
    t = int(before["applied_steps"]) + 1
    c1, c2 = 1 - beta1**t, 1 - beta2**t
    # beta^t by repeated squaring takes at most t - 1 roundings' worth of error.
    of_c1 = gamma(t) * beta1**t / c1 + 2 * U32
    of_c2 = gamma(t) * beta2**t / c2 + 2 * U32
    start = p * (1 - lr * decay) if decoupled else p
    step = lr / c1 * m / (np.sqrt(v / c2) + eps)
    error = (gamma(5) * (np.abs(start) + np.abs(step)) +
             np.abs(step) * (of_c1 + of_c2 + gamma(8)) + 4 * TINY32)
    report(name, after[name], Bounded(start - step, error, error))


class Report:
    """Collects, per tensor, the largest ratio of difference to bound."""

    def __init__(self):
        self.rows = []

    def __call__(self, name, got, expected):
        got = np.asarray(got, np.float64)
        if got.shape != expected.value.shape:
            sys.exit(f"'{name}' has shape {got.shape}; expected "
                     f"{expected.value.shape}")
        difference = np.abs(got - expected.value)
        bound = np.minimum(*expected.radii)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(difference == 0, 0, difference / bound)
        ratio = np.where(np.isnan(ratio), np.inf, ratio)
        at = np.unravel_index(ratio.argmax(), ratio.shape)
        # How telling the bound is: its size next to that of the numbers.
        scale = np.sqrt((expected.value**2).mean()) or 1.0
        self.rows.append((ratio[at], name, at, got[at], expected.value[at],
                          bound[at], bound.mean() / scale))

    def finish(self, verbose):
        self.rows.sort(reverse=True, key=lambda row: row[0])
        outside = [row for row in self.rows if not row[0] <= 1]
        for ratio, name, at, got, value, error, relative in (
                self.rows if verbose else outside[:1]):
            index = ", ".join(map(str, map(int, at)))
            print(f"{name}[{index}] is {got:.9g}; expected {value:.9g} within "
                  f"{error:.3g} ({ratio:.3g} of it; mean bound {relative:.2g} "
                  "of the tensor's size)")
        print(f"{len(self.rows) - len(outside)} of {len(self.rows)} tensors "
              "within their bounds")
        return 1 if outside else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", choices=sorted(MODELS))
    parser.add_argument("--layers", help="dense:NAME, conv:NAME:PAD, relu, "
                        "pool:SIZE, separated by commas, instead of --model")
    parser.add_argument("--state", required=True, help="before the step")
    parser.add_argument("--after", required=True, help="after the step")
    parser.add_argument("--batch", required=True, help="npz with x and y")
    parser.add_argument("--optimizer", choices=["sgd", "adam", "adamw"],
                        required=True)
    parser.add_argument("--nesterov", action="store_true")
    parser.add_argument("--precision", choices=sorted(ROUND), default="fp32")
    parser.add_argument("--f32", action="append", default=[], metavar="POINT",
                        help="a rounding point that stays f32, as glob: input, "
                        "loss.grad, LAYER.{in,weight,bias,out,grad_in,"
                        "grad_weight,grad_bias}")
    parser.add_argument("--loss", type=float, help="loss that mpc reported")
    parser.add_argument("--input", default="x", help="name of the input")
    parser.add_argument("--label", default="y", help="name of the labels")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if bool(options.model) == bool(options.layers):
        parser.error("give either --model or --layers")
    return options


def main():
    options = arguments()
    before = read_safetensors(options.state)
    after = read_safetensors(options.after)
    if int(after["applied_steps"]) != int(before["applied_steps"]) + 1:
        print(f"applied_steps went from {int(before['applied_steps'])} to "
              f"{int(after['applied_steps'])}; expected one applied step")
        return 3
    if "clip_norm" in after:
        print("the program clips gradients, which this check does not compute")
        return 2
    batch = np.load(options.batch)
    x = batch[options.input].astype(np.float64)
    labels = batch[options.label].reshape(-1)
    scale = float(before.get("loss_scale", 1.0))
    layers = build(options.layers or MODELS[options.model])
    loss, gradients = gradients_of(layers, before, x, labels, scale,
                                   Points(options.precision, options.f32))
    report = Report()
    if options.loss is not None:
        report("loss", np.array(options.loss), loss)
    for name, gradient in gradients.items():
        if options.optimizer == "sgd":
            check_sgd(name, gradient, before, after, report, options.nesterov)
        else:
            check_adam(name, gradient, before, after, report,
                       options.optimizer == "adamw")
    return report.finish(options.verbose)


if __name__ == "__main__":
    sys.exit(main())
