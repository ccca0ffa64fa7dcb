"""What a step does with its gradients: clipping, learning rate, SGD, Adam, loss
scale. Formulas that hold for mpc's own stored numbers are compared twice: bit for
bit in the order of f32 operations that compiler/dialect/Optimizer.td states, and
with the formula in f64, within the bound of these operations.
"""
import numpy as np

from numpy_bounds import Bounded, add, mul, sub
from numpy_reference import TINY32, U32, gamma

F32 = np.float32


def power(base, exponent):
    """base^exponent by repeated squaring in f32."""
    result, square = F32(1), F32(base)
    while exponent > 0:
        if exponent & 1:
            result = result * square
        square = square * square
        exponent >>= 1
    return result


def of_power(exponent):
    """The relative error of `power`. base^(2^j) has 2^j - 1 roundings in it, and
    the product of the squares as many as it has factors less one, so base^t has
    less than t."""
    return gamma(max(exponent - 1, 0))


class Step:
    """One step between two states, and what the log says of it."""

    def __init__(self, before, after, log, report):
        self.before, self.after, self.log = before, after, log
        self.report = report
        self.steps = int(before["applied_steps"])

    def hyper(self, name, default=0.0):
        """Hyper-parameters may be set between the save of `before` and the step;
        no step changes them."""
        return F32(self.after.get(name, default))

    def bounded_hyper(self, name):
        return Bounded(float(self.hyper(name)))

    # -- Before the update -----------------------------------------------------

    def learning_rate(self):
        lr = self.hyper("lr")
        if "lr_every" in self.after:
            every, factor = int(self.after["lr_every"]), self.hyper("lr_factor")
            times = self.steps // every
            formula = float(lr) * float(factor)**times
            lr = lr * power(factor, times)
            error = abs(formula) * (1.01 * of_power(times) + U32) + TINY32
            self.report("lr (formula)", lr, Bounded(formula, error))
        self.report("lr", F32(self.log["lr"]), Bounded(float(lr)))
        return lr

    def clip(self, gradients):
        """Checks the norm, and clips with the norm that mpc found."""
        squares = sum((g.value**2).sum() for g in gradients.values())
        errors = sum((g.error**2).sum() for g in gradients.values())
        terms = sum(np.count_nonzero(g.magnitude) for g in gradients.values())
        norm = np.sqrt(squares)
        # |norm(g + e) - norm(g)| <= norm(e); the root at most passes on the
        # relative error of the sum of squares.
        error = np.sqrt(errors) + gamma(terms + 2) * (norm + np.sqrt(errors))
        # The bound for millions of terms in any order is right, but not telling.
        shows = 1 if terms < 2**16 else np.inf
        self.report("grad_norm", F32(self.log["grad_norm"]),
                    Bounded(norm, error), shows)
        if "clip_norm" not in self.after:
            return gradients
        own = F32(self.log["grad_norm"])
        factor = min(F32(1), self.hyper("clip_norm") / (own + F32(1e-6)))
        factor = Bounded(float(factor))
        return {name: mul(g, factor) for name, g in gradients.items()}

    def decayed(self, name, gradient):
        return add(gradient, mul(self.bounded_hyper("weight_decay"),
                                 Bounded(self.before[name])))

    # -- Gradients to moments --------------------------------------------------

    def sgd(self, name, gradient, lr, nesterov):
        p, after = self.before[name], self.after[name]
        step = self.decayed(name, gradient)
        moment = name + ".momentum"
        if moment in self.before:
            mu = self.bounded_hyper("momentum")
            following = add(mul(mu, Bounded(self.before[moment])), step)
            self.report(moment, self.after[moment], following)
            own = Bounded(self.after[moment])
            step = add(step, mul(mu, own)) if nesterov else own
        if lr == 0:
            self.report(name, after, Bounded(p))
            return
        # What the product with lr and the difference round, seen through 1 / lr.
        rounding = U32 * step.magnitude + U32 * np.abs(after) / lr + TINY32 / lr
        self.report(name + " (step)", (p - after) / lr,
                    Bounded(step.value, step.error + rounding))

    def adam(self, name, gradient, decoupled):
        g = gradient if decoupled else self.decayed(name, gradient)
        one = Bounded(1.0)
        beta1, beta2 = self.bounded_hyper("beta1"), self.bounded_hyper("beta2")
        first, second = name + ".exp_avg", name + ".exp_avg_sq"
        m = add(mul(beta1, Bounded(self.before[first])),
                mul(sub(one, beta1), g))
        v = add(mul(beta2, Bounded(self.before[second])),
                mul(mul(sub(one, beta2), g), g))
        self.report(first, self.after[first], m)
        self.report(second, self.after[second], v, shows=2)

    # -- Moments to weights ----------------------------------------------------

    def sgd_weights(self, name, lr):
        """Without nesterov: parameter' = parameter - lr * moment'."""
        p = self.before[name].astype(F32)
        moment = self.after[name + ".momentum"].astype(F32)
        self.report(name + " (bits)", self.after[name], Bounded(p - lr * moment))

    def adam_weights(self, name, lr, decoupled):
        self.adam_bits(name, lr, decoupled)
        p, t = self.before[name], self.steps + 1
        decay, eps = (float(self.hyper(n)) for n in ("weight_decay", "eps"))
        beta1, beta2 = float(self.hyper("beta1")), float(self.hyper("beta2"))
        m, v = self.after[name + ".exp_avg"], self.after[name + ".exp_avg_sq"]
        c1, c2, lr = 1 - beta1**t, 1 - beta2**t, float(lr)
        of_c1 = 1.01 * of_power(t) * beta1**t / c1 + U32
        of_c2 = 1.01 * of_power(t) * beta2**t / c2 + U32
        start = p * (1 - lr * decay) if decoupled else p
        step = lr / c1 * m / (np.sqrt(v) / np.sqrt(c2) + eps)
        # Of start: 3 roundings. Of the step: quotient, product with m, two roots
        # (the second halves of_c2), quotient, sum, quotient. Then the difference.
        error = (gamma(3) * np.abs(start) * decoupled +
                 1.01 * np.abs(step) * (of_c1 + of_c2 / 2 + gamma(7)) +
                 U32 * np.abs(self.after[name]) + 4 * TINY32)
        self.report(name + " (formula)", self.after[name],
                    Bounded(start - step, error))

    def adam_bits(self, name, lr, decoupled):
        one = F32(1)
        p = self.before[name].astype(F32)
        m = self.after[name + ".exp_avg"].astype(F32)
        v = self.after[name + ".exp_avg_sq"].astype(F32)
        rate = lr / (one - power(self.hyper("beta1"), self.steps + 1))
        root = np.sqrt(one - power(self.hyper("beta2"), self.steps + 1))
        if decoupled:
            p = p * (one - lr * self.hyper("weight_decay"))
        p = p - (rate * m) / (np.sqrt(v) / root + self.hyper("eps"))
        assert p.dtype == F32
        self.report(name + " (bits)", self.after[name], Bounded(p))

    # -- The rest of the state -------------------------------------------------

    def loss_scale(self):
        """An applied step; skipped ones are not judged here."""
        if "scale_growth_interval" not in self.after:
            return
        scale, good = F32(self.log["loss_scale"]), int(self.before["good_steps"])
        good += 1
        if good >= self.hyper("scale_growth_interval"):
            good = 0
            scale = min(scale * self.hyper("scale_growth_factor"),
                        self.hyper("scale_max"))
        for name, value in (("loss_scale", scale), ("good_steps", good),
                            ("bad_steps", 0),
                            ("skipped_steps", self.before["skipped_steps"])):
            self.report(name, self.after[name], Bounded(float(value)))
