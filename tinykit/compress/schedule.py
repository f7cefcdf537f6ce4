"""How things change over a step."""

from __future__ import annotations

import math

import numpy as np

from tinykit.compress.recipe import Prune


def cosine(rate: float, progress: float) -> float:
    """A learning rate that falls to zero along half a cosine (Loshchilov and Hutter 2017); ``progress`` in 0..1."""
    return rate * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def polynomial(step: Prune, progress: float) -> float:
    """The share of zeros after ``progress`` (0..1) of the step.

    s = s_end + (s_0 - s_end) (1 - t)^power: many weights at first, when there are many to choose from, few in the end
    (Zhu and Gupta 2017, "To prune, or not to prune", with power 3).
    """
    t = min(1.0, progress / step.until)
    return step.sparsity + (step.initial - step.sparsity) * float((1 - t) ** step.power)


def shuffled(size: int, seed: int, epoch: int) -> np.ndarray:
    """The order of samples in an epoch; the same whether the run was interrupted before or not."""
    return np.random.default_rng([seed, epoch]).permutation(size)
