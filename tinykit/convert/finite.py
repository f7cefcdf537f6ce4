"""Weights that are NaN or infinite: refused before a converter folds them into something that looks like a model."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tinykit.errors import ModelError


def check_weights(weights: Iterable[tuple[str, np.ndarray]], where: str) -> None:
    """Hold a source's weights, given with their names.

    A scalar may be infinite (the bound of a clip), and so may what is 0 and -infinity only (the mask of an attention).

    Raises:
        ModelError: some are NaN or infinite; names them.
    """
    refuse_weights((name for name, values in weights if not _usable(values)), where)


def refuse_weights(names: Iterable[str], where: str) -> None:
    """Raise the error for weights that are not finite, if there are names of such."""
    bad = list(names)
    if bad:
        raise ModelError(
            f"weights that are not finite (NaN or infinity) in {', '.join(bad[:5])}{' ...' if len(bad) > 5 else ''}",
            where=where,
            why="training went wrong: nothing computed with them means anything",
            hint="train again with a smaller learning rate, or go back to an earlier checkpoint",
        )


def _usable(values: np.ndarray) -> bool:
    if values.dtype.kind in "iubSUO":
        return True
    numbers = values.astype(np.float64)  # bfloat16 too
    if np.all(np.isfinite(numbers)):
        return True
    if numbers.ndim == 0:
        return not np.isnan(numbers)
    return bool(np.all((numbers == 0) | (numbers == -np.inf))) and bool(np.any(numbers == 0))
