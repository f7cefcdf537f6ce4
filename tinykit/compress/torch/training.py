"""The training loop for PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinykit.compress.network import Data
from tinykit.compress.recipe import Training
from tinykit.compress.schedule import cosine, shuffled
from tinykit.errors import CheckFailed

Loss = Callable[[Any, np.ndarray], Any]
"""From a batch's outputs and the indices of its samples."""


def loss_of(data: Data, answers: np.ndarray | None, temperature: float, soft: float) -> Loss:
    """The loss on the labels, and on a teacher's ``answers`` (N, outputs): logits, or values.

    T^2 keeps the gradients' size independent of the temperature (Hinton et al. 2015).
    """
    import torch

    functional = torch.nn.functional
    labels = torch.from_numpy(data.y)
    taught = None if answers is None else torch.from_numpy(answers)

    def loss(output: Any, chosen: np.ndarray) -> Any:
        index = torch.from_numpy(chosen)
        output = output.reshape(len(chosen), -1)
        if data.task == "values":
            hard = functional.mse_loss(output, labels[index])
            return hard if taught is None else (1 - soft) * hard + soft * functional.mse_loss(output, taught[index])
        hard = functional.cross_entropy(output, labels[index])
        if taught is None:
            return hard
        given = functional.log_softmax(output / temperature, -1)
        wanted = functional.softmax(taught[index] / temperature, -1)
        return (1 - soft) * hard + soft * temperature**2 * functional.kl_div(given, wanted, reduction="batchmean")

    return loss


def outputs_of(model: Any, data: Data) -> np.ndarray:
    """A module's outputs for all samples, (N, outputs)."""
    import torch

    model.eval()
    with torch.no_grad():
        parts = [model(torch.from_numpy(data.x[0][i : i + 256])) for i in range(0, data.size, 256)]
    return np.asarray(torch.cat(parts).reshape(data.size, -1).numpy(), np.float32)


class TorchWork:
    """A step's training; see ``network.Work``."""

    def __init__(self, model: Any, what: str, step: Training, data: Data, seed: int, loss: Loss) -> None:
        import torch

        self.what = what
        self._torch, self._model, self._step, self._data, self._seed = torch, model, step, data, seed
        self._loss = loss
        self._optimizer = torch.optim.Adam(model.parameters(), step.learning_rate)

    def epoch(self, index: int, batches: Callable[[int, int], None]) -> float:
        """See ``network.Work``."""
        step, size = self._step, self._data.size
        self._torch.manual_seed(self._seed * 100_003 + index)  # of Dropout, the same when an epoch is done again
        order = shuffled(size, self._seed, index)
        # BatchNorm needs more than one sample: one that is left over waits for another epoch
        starts = [i for i in range(0, size, step.batch) if size - i > 1 or size == 1]
        self._model.train()
        total = 0.0
        for batch, start in enumerate(starts):
            rate = cosine(step.learning_rate, (index + batch / len(starts)) / step.epochs)
            for group in self._optimizer.param_groups:
                group["lr"] = rate
            chosen = order[start : start + step.batch]
            self._optimizer.zero_grad()
            loss = self._loss(self._model(self._torch.from_numpy(self._data.x[0][chosen])), chosen)
            loss.backward()
            self._optimizer.step()
            total += float(loss.detach()) * len(chosen) / size
            batches(batch + 1, len(starts))
        if not np.isfinite(total):
            raise CheckFailed(
                f"training fails: the loss is {total} in epoch {index + 1}",
                why=f"the learning rate is {step.learning_rate:g}",
                hint="lower learning_rate, and check that the samples are scaled as the model was trained with them",
            )
        return total

    def state(self) -> list[np.ndarray]:
        """See ``network.Work``: weights, then Adam's count and moments of each parameter."""
        arrays = [values.numpy().copy() for values in self._model.state_dict().values()]
        for parameter in self._model.parameters():
            kept = self._optimizer.state.get(parameter)
            shape = tuple(parameter.shape)
            found = (
                [np.asarray(float(kept["step"])), kept["exp_avg"].numpy().copy(), kept["exp_avg_sq"].numpy().copy()]
                if kept
                else [np.asarray(0.0), np.zeros(shape, np.float32), np.zeros(shape, np.float32)]
            )
            arrays += found
        return arrays

    def restore(self, state: list[np.ndarray]) -> None:
        """See ``network.Work``."""
        torch = self._torch
        weights = self._model.state_dict()
        parameters = list(self._model.parameters())
        shapes = [tuple(v.shape) for v in weights.values()]
        for parameter in parameters:
            shapes += [(), tuple(parameter.shape), tuple(parameter.shape)]
        if shapes != [values.shape for values in state]:
            raise ValueError("the checkpoint is of another model")
        arrays = iter(state)
        self._model.load_state_dict({name: torch.from_numpy(np.array(next(arrays))) for name in weights})
        for parameter in parameters:
            count, first, second = (torch.from_numpy(np.array(next(arrays))) for _ in range(3))
            self._optimizer.state[parameter] = {"step": count.float(), "exp_avg": first, "exp_avg_sq": second}

    def finish(self) -> Any:
        """See ``network.Work``."""
        return self._model.eval()
