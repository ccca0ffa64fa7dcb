"""A recommender (Naumov et al. 2019, DLRM): a perceptron over numbers, tables over
categories, the products of each two of their rows, and a perceptron over those. The
loss is the mean of binary cross-entropies. Numbers and bounds are numpy_reference.py's.
"""
import numpy as np

from numpy_reference import (EXP_LOG_ERROR, TINY32, U32, Bounded, Dense, Relu, add, gamma,
                             hypot, matmul)


def perceptron(names, activate_last):
    layers = []
    for name in names:
        layers += [Dense(name), Relu()]
    return layers if activate_last else layers[:-1]


def gather_grad(gradient, rows, count):
    """The sums of the rows of `gradient` that come from the same row of a table."""
    sums = lambda values: scatter_add(values, rows, count)
    copies = np.bincount(rows, minlength=count)[:, None]
    return Bounded(sums(gradient.value),
                   sums(gradient.error) + gamma(copies) * sums(gradient.magnitudes[0]),
                   np.sqrt(sums(gradient.spread**2) +
                           copies * (U32 * sums(np.abs(gradient.value)))**2))


def scatter_add(values, rows, count):
    result = np.zeros((count, values.shape[1]))
    np.add.at(result, rows, values)
    return result


def bce_logits(z, target, scale, at):
    """Loss, and scale times its gradient by the logits z."""
    count, value = z.value.size, z.value
    log = np.log1p(np.exp(-np.abs(value)))
    sigmoid = 1 / (1 + np.exp(-value))
    losses = np.maximum(value, 0) - value * target + log
    # exp, 1 + x, log, and the sum of three.
    rounding = (gamma(3) * (np.maximum(value, 0) + np.abs(value * target) + log) +
                (2 * EXP_LOG_ERROR + gamma(5)) * log)
    # A loss has a slope of at most 1, a sigmoid of at most 1/4.
    loss = Bounded(losses.mean(), z.error.mean(), hypot(z.spread).mean())
    loss = loss.widen(lambda m: (rounding + gamma(count + 1) * (losses + rounding)).mean())
    factor = scale / count
    gradient = Bounded(factor * (sigmoid - target), factor * z.error / 4,
                       factor * z.spread / 4)
    rounding = factor * ((EXP_LOG_ERROR + 2 * U32) * sigmoid +
                         gamma(6) * np.abs(sigmoid - target))
    gradient = gradient.widen(lambda m: 1.01 * rounding + 4 * TINY32)
    return loss, at("loss.grad", gradient)


class Dlrm:
    """Names of the layers; `table` has {} where the number of a table stands."""

    def __init__(self, bottom, table, top, inputs):
        self.bottom = perceptron(bottom, True)
        self.top = perceptron(top, False)
        self.table, self.inputs = table, inputs

    def forward(self, state, numbers, categories, at):
        x = at("input", Bounded(numbers))
        for layer in self.bottom:
            x = layer.forward(x, state, at)
        rows = [x]
        for i, column in enumerate(categories.T):
            name = self.table.format(i)
            rows.append(at(name, Bounded(state[name][column])))
        self.rows = Bounded(*(np.stack([getattr(row, part) for row in rows], 1)
                              for part in ("value", "error", "spread")))
        products = matmul(self.rows, self.rows.move(lambda v: v.transpose(0, 2, 1)))
        products = at("products", products)
        self.pairs = np.triu_indices(len(rows), 1)
        value = Bounded(*(np.concatenate([a, b[:, self.pairs[0], self.pairs[1]]], 1)
                          for a, b in ((getattr(x, part), getattr(products, part))
                                       for part in ("value", "error", "spread"))))
        for layer in self.top:
            value = layer.forward(value, state, at)
        return value.move(lambda v: v[:, 0])

    def backward(self, gradient, at):
        gradient = gradient.move(lambda v: v[:, None])
        for layer in reversed(self.top):
            gradient = layer.backward(gradient, at)
        width, count = self.rows.value.shape[2], self.rows.value.shape[1]
        direct = gradient.move(lambda v: v[:, :width])

        def square(v):
            result = np.zeros((len(v), count, count))
            result[:, self.pairs[0], self.pairs[1]] = v[:, width:]
            return result

        products = gradient.move(square)
        left = at("rows.grad", matmul(products, self.rows))
        right = at("rows.grad", matmul(products.move(lambda v: v.transpose(0, 2, 1)),
                                       self.rows))
        rows = at("rows.grad", add(left, right))
        value = at("rows.grad", add(direct, rows.move(lambda v: v[:, 0])))
        for layer in reversed(self.bottom):
            value = layer.backward(value, at)
        return rows

    def gradients_of(self, state, inputs, target, scale, at):
        """Loss, and for each parameter a function for its gradient, unscaled."""
        numbers, categories = (inputs[name] for name in self.inputs)
        logits = self.forward(state, numbers.astype(np.float64), categories, at)
        loss, gradient = bce_logits(logits, target.astype(np.float64), scale, at)
        rows = self.backward(gradient, at)
        unscale = lambda number: number.scale(1 / scale).widen(lambda m: TINY32)
        gradients = {name: lambda number=number: unscale(number)
                     for layer in self.bottom + self.top
                     for name, number in layer.gradients.items()}
        for i, column in enumerate(categories.T):
            name = self.table.format(i)
            gradients[name] = lambda name=name, i=i, column=column: unscale(
                at(name + ".grad", gather_grad(rows.move(lambda v: v[:, i + 1]), column,
                                               len(state[name]))))
        return loss, gradients


# The export, and that of test/frontend/Inputs/pairs.
MODELS = {
    "dlrm": Dlrm(["bot.0", "bot.2", "bot.4"], "emb.{}.weight",
                 ["top.0", "top.2", "top.4"], ("dense", "idx")),
    "small-dlrm": Dlrm(["bottom"], "table{}.weight", ["top1", "top2"], ("dense", "idx")),
}
