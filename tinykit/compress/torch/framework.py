"""PyTorch as ``network.Framework``."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from tinykit.compress.labels import targets
from tinykit.compress.network import Data
from tinykit.compress.recipe import Channels, Distil, Step, Training
from tinykit.compress.torch.channels import remove_channels
from tinykit.compress.torch.training import TorchWork, loss_of, outputs_of
from tinykit.convert.extras import require
from tinykit.convert.model import FloatModel
from tinykit.convert.quiet import quiet
from tinykit.convert.samples import Samples
from tinykit.convert.torch import convert_module
from tinykit.errors import InputError
from tinykit.text import first_line

_SIZES = ("in_channels", "out_channels", "groups", "in_features", "out_features", "num_features", "num_channels")
"""Attributes of modules that say how wide they are; pruning changes them with the weights."""


class TorchFramework:
    """Steps on PyTorch modules.

    Args:
        where: names the model in errors.

    Raises:
        ToolMissing: torch is not installed (on construction).
    """

    kinds = frozenset({"train", "channels", "distil", "int8"})

    def __init__(self, where: str) -> None:
        self._torch: Any = require("torch", "torch", "PyTorch models")
        self._torch.set_num_threads(1)
        self.name = f"torch {self._torch.__version__}"
        self._where = where
        self._module: Any = None
        self._example: Any = None

    def take(self, module: Any, example: Any, where: str) -> Any:
        """A module of the user's, and its example input.

        Raises:
            InputError: several inputs or outputs, an example that is none, or weights that are no numbers.
        """
        torch = self._torch
        example = example[0] if isinstance(example, (tuple, list)) and len(example) == 1 else example
        if not isinstance(example, torch.Tensor):
            raise InputError(
                "the example input is no tensor",
                where=where,
                why=f"it is a {type(example).__name__}; compression takes models with one input",
                hint="return (model, torch.zeros(1, 3, 96, 96))",
            )
        bad = [name for name, values in module.state_dict().items() if not bool(torch.isfinite(values).all())]
        if bad:
            raise InputError("the model's weights are not finite", where=where, why=f"{bad[0]} holds NaN or infinity")
        try:
            with torch.no_grad():
                output = module.eval()(example)
        except Exception as error:  # the user's code
            raise InputError(
                "the model cannot run its example input", where=where, why=first_line(error), hint="correct the example"
            ) from None
        if not isinstance(output, torch.Tensor):
            raise InputError("the model has several outputs", where=where, hint="return a module with one")
        if self._module is None:
            self._module, self._example = module, example[:1]
        return module

    def parameters(self, model: Any) -> tuple[int, int]:
        """See ``network.Framework``."""
        values = [v for v in model.state_dict().values() if v.is_floating_point()]
        weights = [p for p in model.parameters() if p.ndim > 1]
        return sum(v.numel() for v in values), sum(int((w == 0).sum()) for w in weights)

    def float_model(self, model: Any, where: str) -> FloatModel:
        """See ``network.Framework``."""
        return convert_module(model, self._example, where)

    def quantized(self, model: Any, where: str) -> bytes | None:
        """Ranges are measured, never trained."""
        return None

    def data(self, model: Any, samples: Samples, where: str) -> Data:
        """See ``network.Framework``. Channels go back to the front, where the module has them."""
        x = samples.inputs[0].reshape(len(samples.inputs[0]), *samples.inputs[0].shape[2:])
        if self._example.ndim == 4:
            x = np.moveaxis(x, -1, 1)
        y, task = targets(samples, self._outputs(model), False, where)
        return Data((np.ascontiguousarray(x, np.float32),), y, task)

    def _outputs(self, model: Any) -> int:
        with self._torch.no_grad():
            return int(model.eval()(self._example)[0].numel())

    def begin(self, step: Step, model: Any, teacher: Any | None, data: Data, seed: int) -> TorchWork:
        """See ``network.Framework``. The model given is left as it is."""
        import copy

        assert isinstance(step, Training)
        model, what, answers = copy.deepcopy(model), "trained on the labels", None
        temperature, soft = 1.0, 0.0
        if isinstance(step, Distil):
            if self._outputs(teacher) != self._outputs(model):
                raise InputError(
                    f"the teacher gives {self._outputs(teacher)} values, the student {self._outputs(model)}",
                    where=step.teacher,
                    why="the student learns the teacher's answers: both need the same classes in the same order",
                    hint="give a teacher with the same classes",
                )
            answers, temperature, soft = outputs_of(teacher, data), step.temperature, step.soft
            what = f"taught by {step.teacher}, temperature {temperature:g}, {soft:g} soft"
        elif isinstance(step, Channels):
            loss = loss_of(data, None, 1.0, 0.0)
            model, what = remove_channels(model, self._example, step, loss, data, self._where)
        return TorchWork(model, what, step, data, seed, loss_of(data, answers, temperature, soft))

    def dump(self, model: Any) -> bytes:
        """Weights, and the sizes of modules that pruning changes: no code, no pickle."""
        sizes = {
            name: {size: int(getattr(part, size)) for size in _SIZES if isinstance(getattr(part, size, None), int)}
            for name, part in model.named_modules()
        }
        arrays = {f"w:{name}": values.numpy() for name, values in model.state_dict().items()}
        buffer = io.BytesIO()
        np.savez(buffer, sizes=np.asarray(json.dumps(sizes)), **arrays)
        return buffer.getvalue()

    def restore(self, data: bytes) -> Any:
        """See ``network.Framework``: the source's module with the sizes and weights that were kept."""
        import copy

        torch = self._torch
        model = copy.deepcopy(self._module)
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as kept, quiet():
                sizes = json.loads(str(kept["sizes"]))
                parts = dict(model.named_modules())
                for name, found in sizes.items():
                    for size, value in found.items():
                        setattr(parts[name], size, value)
                for key in kept.files:
                    if key != "sizes":
                        owner, _, field = key[2:].rpartition(".")
                        values = torch.from_numpy(np.array(kept[key]))
                        old = getattr(parts[owner], field)
                        if isinstance(old, torch.nn.Parameter):
                            setattr(parts[owner], field, torch.nn.Parameter(values, old.requires_grad))
                        else:
                            setattr(parts[owner], field, values)
                model.eval()(self._example)
        except Exception as error:  # zip, json, and torch's own where sizes do not agree
            raise ValueError(str(error)) from None
        return model
