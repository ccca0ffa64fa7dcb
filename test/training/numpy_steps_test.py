#!/usr/bin/env python3
"""Tests numpy_bounds.py and numpy_network.py: bounds hold, exact sums are exact,
gradients are derivatives."""
import unittest

import numpy as np

from numpy_bounds import Bounded, matmul, quantum
import numpy_network as network


def in_order(a, b, order):
    total = np.zeros((len(a), b.shape[1]), np.float32)
    for k in order:
        total += a[:, k:k + 1].astype(np.float32) * b[k:k + 1].astype(np.float32)
    return total


class SumsAreBounded(unittest.TestCase):
    def setUp(self):
        self.random = np.random.default_rng(4)

    def test_quantum_is_the_lowest_bit(self):
        x = np.array([[0.75, 6.0, 0.0], [0.0, 0.0, 0.0], [-2.0**-40, 1.0, 3.0]])
        self.assertEqual(list(quantum(x, 1)), [0.25, np.inf, 2.0**-40])

    def test_sums_of_small_multiples_are_exact_in_any_order(self):
        a = self.random.integers(-99, 100, (5, 700)) * 2.0**-9
        b = self.random.integers(-50, 51, (700, 4)) * 2.0**-3
        product = matmul(Bounded(a), Bounded(b))
        self.assertFalse(product.error.any())
        for _ in range(5):
            total = in_order(a, b, self.random.permutation(700))
            np.testing.assert_array_equal(total, product.value)

    def test_a_multiple_too_many_makes_a_bound(self):
        b = np.ones((2, 1))
        for largest, inexact in ((2.0**24 - 1, False), (2.0**24, True)):
            a = np.array([[largest, 1.0]])
            error = matmul(Bounded(a), Bounded(b)).error[0, 0]
            self.assertEqual(error > 0, inexact)

    def test_sums_in_any_order_are_within_the_bound(self):
        a = self.random.normal(size=(5, 700)).astype(np.float32)
        b = self.random.normal(size=(700, 4)).astype(np.float32)
        product = matmul(Bounded(a), Bounded(b))
        total = in_order(a, b, self.random.permutation(700))
        self.assertTrue((np.abs(total - product.value) <= product.error).all())
        self.assertTrue((product.error < 0.02).all())


class GradientsAreDerivatives(unittest.TestCase):
    # Central differences of a smooth piece err by h^2 L''' / 6 and by rounding
    # u L / h, both about 1e-11 here. Six places leave room for a large third
    # derivative and are far from any wrong gradient.
    def test_with_batch_normalisation(self):
        random = np.random.default_rng(1)
        layers = "conv:a:1,batchnorm:n,relu,pool:2,conv:b:0,relu,dense:c"
        shapes = {"a.weight": (3, 2, 3, 3), "a.bias": 3, "n.scale": 3,
                  "n.bias": 3, "b.weight": (2, 3, 2, 2), "b.bias": 2,
                  "c.weight": (3, 24), "c.bias": 3}
        state = {name: random.normal(size=shape)
                 for name, shape in shapes.items()}
        still = {"n.running_mean": np.zeros(3), "n.running_var": np.ones(3)}
        x, labels = random.normal(size=(2, 2, 10, 8)), np.array([2, 0])
        exact = lambda name, number: Bounded(number.value)

        def run():
            return network.gradients_of(network.build(layers),
                                        dict(state, **still), x, labels, 1.0,
                                        exact)

        _, gradients = run()
        self.assertEqual(set(gradients), set(state))
        h = np.cbrt(2.0**-53)
        for name, value in state.items():
            for at in random.choice(value.size, min(value.size, 9), False):
                old = value.flat[at]
                value.flat[at] = old + h
                above = run()[0].value
                value.flat[at] = old - h
                below = run()[0].value
                value.flat[at] = old
                got = gradients[name].value.flat[at]
                self.assertAlmostEqual(got, (above - below) / (2 * h), 6, name)


if __name__ == "__main__":
    unittest.main()
