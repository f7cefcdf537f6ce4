"""Structured pruning of PyTorch modules, by Torch-Pruning: it follows the module's own graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinykit.compress.network import Data
from tinykit.compress.recipe import Channels
from tinykit.compress.torch.training import Loss
from tinykit.convert.extras import require
from tinykit.convert.quiet import quiet
from tinykit.errors import InputError, UnsupportedModel
from tinykit.text import first_line

_SCORED = 1024
"""Samples for the criterion "taylor"."""
_LEAST_SHARE = 0.1
"""Every layer keeps at least so many of its channels, so that "global" does not cut one off."""


def remove_channels(
    model: Any, example: Any, step: Channels, loss: Loss, data: Data, where: str
) -> tuple[Any, str]:  # fmt: skip
    """The module without the channels that matter least (changed in place), and a few words on it.

    Raises:
        InputError: ``skip`` names no layer, or nothing is removed.
        UnsupportedModel: the module's graph is not understood.
        ToolMissing: torch-pruning is not installed.
    """
    import torch

    tp: Any = require("torch_pruning", "torch", "structured pruning of PyTorch models")
    parts = dict(model.named_modules())
    unknown = [name for name in step.skip if name not in parts]
    if unknown:
        raise InputError(
            f"skip names a layer that the model does not have: {', '.join(unknown)}",
            where=where,
            why=f"its layers are {', '.join(name for name in parts if name)}",
            hint="correct the name",
        )
    makers = [part for part in parts.values() if isinstance(part, (torch.nn.Linear, torch.nn.modules.conv._ConvNd))]
    model.eval()
    with torch.no_grad():
        outputs = int(model(example).shape[1])
    last = [part for part in makers[-1:] if _width(part) == outputs]
    ignored = [*last, *(parts[name] for name in step.skip)]
    makers = [part for part in makers if part not in ignored]
    before = _channels(makers)
    try:
        with quiet():
            pruner = tp.pruner.BasePruner(
                model,
                example,
                importance=tp.importance.GroupTaylorImportance()
                if step.criterion == "taylor"
                else tp.importance.GroupMagnitudeImportance(p=2),
                pruning_ratio=step.remove,
                global_pruning=step.scope == "global",
                max_pruning_ratio=max(step.remove, 1 - _LEAST_SHARE),
                ignored_layers=ignored,
                round_to=step.multiple if step.multiple > 1 else None,
            )
            if step.criterion == "taylor":
                count = min(_SCORED, data.size)
                loss(model(torch.from_numpy(data.x[0][:count])), np.arange(count)).backward()
            for group in pruner.step(interactive=True):
                if _width(group[0].dep.target.module) - len(group[0].idxs) >= step.least:
                    group.prune()
            model.zero_grad()
            model(example)
    except Exception as error:  # Torch-Pruning traces the user's module
        raise UnsupportedModel(
            "the module's channels cannot be followed",
            where=where,
            why=f"Torch-Pruning says: {first_line(error)}",
            hint="leave out the step channels, or name the layers around the odd one in skip",
        ) from None
    after = _channels(makers)
    if after == before:
        raise InputError(
            "there are no channels to remove", where=where, hint="raise remove, shorten skip, or leave the step out"
        )
    return model, f"{before - after} of {before} channels removed"


def _channels(makers: list[Any]) -> int:
    return sum(_width(part) for part in makers)


def _width(part: Any) -> int:
    """Channels that a convolution or a Linear gives."""
    return int(getattr(part, "out_channels", getattr(part, "out_features", 0)))
