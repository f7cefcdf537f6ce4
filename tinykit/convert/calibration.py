"""Whether samples are fit to calibrate with: enough, different, and not cut off."""

from __future__ import annotations

import numpy as np

from tinykit.convert.samples import Samples
from tinykit.errors import InputError

FEWEST = 100
"""Below it ranges depend on chance; 100 to 1000 is what TensorFlow's guide to post-training quantization asks for."""
_MOST = 2000
_RAIL = 0.01
"""Share of values at either end of the range that is more than chance."""


def weaknesses(samples: Samples) -> list[str]:
    """Warnings about a calibration set, most serious first; none for a good one."""
    found = []
    for position, values in enumerate(samples.inputs):
        name = "the samples" if len(samples.inputs) == 1 else f"input {position}"
        flat = values.reshape(len(values), -1)
        if flat.min() == flat.max():
            found.append(f"calibration: every value of {name} is {flat.min():g}: ranges made from it mean nothing")
        elif len(flat) > 1 and np.all(flat == flat[0]):
            found.append(f"calibration: {name} are all the same sample")
        elif len(flat) > 1 and (distinct := len(np.unique(flat, axis=0))) < 0.5 * len(flat):
            found.append(f"calibration: only {distinct} of {len(flat)} samples differ")
        rails = _rails(flat)
        if rails is not None:
            found.append(f"calibration: {rails}: recordings that were cut off hide the real range")
    if samples.size < FEWEST:
        found.append(f"calibration: {samples.size} samples are few; {FEWEST} to 1000 typical ones are usual")
    if samples.size > _MOST:
        found.append(f"calibration: {samples.size} samples are more than needed; 1000 give the same ranges")
    labels = samples.labels
    if labels is not None and labels.ndim == 1 and labels.dtype.kind in "iu" and len(np.unique(labels)) == 1:
        found.append(f"calibration: all samples have the label {labels[0]}")
    return found


def require_varied(samples: Samples, where: str) -> None:
    """Refuse samples without any content.

    Raises:
        InputError: every input has one value throughout.
    """
    if all(values.min() == values.max() for values in samples.inputs):
        raise InputError(
            f"every value of the calibration samples is {samples.inputs[0].flat[0]:g}",
            where=where,
            why="the ranges of activations would be made of it, and everything else would saturate",
            hint="give 100 to 1000 typical inputs",
        )


def outside(calibration: Samples, data: Samples) -> str | None:
    """A warning when the data goes beyond what calibration saw, so that inputs saturate on the device."""
    for seen, values in zip(calibration.inputs, data.inputs, strict=True):
        low, high = float(seen.min()), float(seen.max())
        margin = 0.02 * (high - low)
        share = float(np.mean((values < low - margin) | (values > high + margin)))
        if share > 0.001:
            return (
                f"calibration: {100 * share:.1f} % of the data's values saturate: they lie outside of {low:.4g} to "
                f"{high:.4g}, which is all that calibration saw"
            )
    return None


def _rails(flat: np.ndarray) -> str | None:
    """How much of the values lies on both ends of a range that is symmetric: the mark of clipped recordings."""
    low, high = float(flat.min()), float(flat.max())
    if not (low < 0 < high and abs(low + high) <= 0.01 * high) or flat.size < 1000 or len(np.unique(flat)) < 64:
        return None
    share = float(min(np.mean(flat <= low), np.mean(flat >= high)))
    return f"{200 * share:.1f} % of the values are at {low:g} and {high:g} exactly" if share > _RAIL / 2 else None
