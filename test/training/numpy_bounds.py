"""Numbers in f64 with a bound on how far an f32 computation may lie from them.

u = 2^-24 is the largest relative error of one f32 operation.

- One operation, correctly rounded, errs by at most u times its result (and half
  of the smallest subnormal), and not at all if the result is an f32 number.
- A sum of k terms, in any order, errs by at most gamma(k) = k u / (1 - k u) times
  the sum of magnitudes; if the terms are products, rounded or fused, this covers
  their rounding too (Higham 2002, sections 3.1 and 4.2). Terms that are 0 do not
  count. If all terms are multiples of q and their magnitudes sum to at most
  2^24 q, every partial sum is an f32 number and the sum is exact.
- Where a result is stored in a narrow format, number and bound are rounded:
  rounding is monotonic, so an interval goes to an interval, and it is a point
  unless the interval holds a rounding boundary.

Bounds of operands are carried through each operation by its largest slope.
"""
import sys

import numpy as np

from numpy_reference import ROUND, TINY32, U32, gamma

round_f32 = ROUND["fp32"]

# -- Numbers -------------------------------------------------------------------


class Bounded:
    """Numbers and how far mpc's may lie from them. Elements of a channel whose
    `source` is equal (NaN never is) went through the same operations from the
    same number, so mpc's are equal bit for bit, whatever their bound."""

    def __init__(self, value, error=None, source=None):
        self.value = np.asarray(value, np.float64)
        self.error = (np.zeros_like(self.value) if error is None
                      else np.asarray(error, np.float64))
        self.source = source

    @property
    def magnitude(self):
        return np.abs(self.value) + self.error

    def map(self, function):
        """For functions that only move elements."""
        return Bounded(function(self.value), function(self.error))

    def round(self, precision):
        nearest = ROUND[precision]
        value = nearest(self.value)
        above = nearest(self.value + self.error) - value
        below = value - nearest(self.value - self.error)
        if not np.isfinite(value).all():
            sys.exit("a value overflows " + precision +
                     ": the step has to be skipped; lower the loss scale")
        return Bounded(value, np.maximum(above, below), self.source)


def operation(value, carried):
    """The result of one f32 operation whose operands' errors move it by at most
    `carried`."""
    exact = (carried == 0) & (round_f32(value) == value)
    error = carried + U32 * (np.abs(value) + carried) + TINY32
    return Bounded(value, np.where(exact, 0, error))


def add(a, b):
    return operation(a.value + b.value, a.error + b.error)


def sub(a, b):
    return operation(a.value - b.value, a.error + b.error)


def mul(a, b):
    return operation(a.value * b.value, np.abs(a.value) * b.error +
                     a.error * b.magnitude)


def div(a, b):
    smallest = np.abs(b.value) - b.error
    carried = (a.error + np.abs(a.value / b.value) * b.error) / smallest
    return operation(a.value / b.value, np.where(smallest > 0, carried, np.inf))


def sqrt(a):
    root = np.sqrt(a.value)
    return operation(root, root - np.sqrt(np.maximum(a.value - a.error, 0)))


# -- Sums ----------------------------------------------------------------------


def quantum(x, axis):
    """The largest power of two that divides all numbers along an axis; infinite
    if they are 0."""
    mantissa, exponent = np.frexp(x)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    lowest = np.ldexp((whole & -whole).astype(np.float64), exponent - 53)
    return np.where(x == 0, np.inf, lowest).min(axis, initial=np.inf)


def matmul(a, b):
    """a @ b, summed in f32."""
    value = a.value @ b.value
    magnitude = a.magnitude @ b.magnitude
    # Positive terms, so that no cancellation makes f64's own error count.
    carried = a.error @ b.magnitude + np.abs(a.value) @ b.error
    terms = (a.magnitude != 0).astype(float) @ (b.magnitude != 0).astype(float)
    unit = quantum(a.value, 1)[:, None] * quantum(b.value, 0)[None, :]
    with np.errstate(invalid="ignore"):
        exact = (carried == 0) & (magnitude <= 2**24 * unit) & (unit >= TINY32)
    # One term more than there are, for f64's own roundings.
    error = carried + gamma(terms + 1) * magnitude + terms * TINY32
    return Bounded(value, np.where(exact | (magnitude == 0), 0, error))


def matmul_add(a, b, bias):
    """a @ b + bias as one sum, wherever the bias comes in it."""
    ones = Bounded(np.ones((len(a.value), 1)))
    join = lambda x, y, axis: Bounded(
        np.concatenate([x.value, y.value], axis),
        np.concatenate([x.error, y.error], axis))
    return matmul(join(a, ones, 1), join(b, bias.map(lambda v: v[None, :]), 0))


def sum_rows(a):
    """The sum of each row."""
    ones = Bounded(np.ones((a.value.shape[1], 1)))
    return matmul(a, ones).map(lambda v: v[:, 0])
