"""Keras as ``network.Framework``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinykit.compress.keras import model as stored
from tinykit.compress.keras.channels import remove_channels
from tinykit.compress.keras.hold import Shared, Zeros, cluster
from tinykit.compress.keras.model import KerasModel
from tinykit.compress.keras.objective import Objective, ends_in, outputs_of
from tinykit.compress.keras.quantized import add_fake_quant, fold_normalization, without_fake_quant
from tinykit.compress.keras.topology import flat, has_kernel, known_layers
from tinykit.compress.keras.training import Held, KerasWork
from tinykit.compress.labels import targets
from tinykit.compress.network import Data
from tinykit.compress.recipe import KINDS, Channels, Cluster, Distil, Prune, Qat, Step, Training
from tinykit.compress.schedule import polynomial
from tinykit.convert.converter_errors import unsupported_operators
from tinykit.convert.keras import convert_keras, load_tensorflow
from tinykit.convert.model import FloatModel
from tinykit.convert.normalize import tidy
from tinykit.convert.quiet import quiet
from tinykit.convert.samples import Samples
from tinykit.errors import InputError


class KerasFramework:
    """Steps on Keras models.

    Args:
        where: names the model in errors.
        trust: Lambda layers may be run.

    Raises:
        ToolMissing: TensorFlow or Keras is not installed (on construction).
    """

    kinds = frozenset(KINDS)

    def __init__(self, where: str, *, trust: bool) -> None:
        self._tensorflow, self._keras = load_tensorflow("Keras models")
        self.name = f"keras {self._keras.__version__}"
        self._where, self._trust = where, trust

    def take(self, model: Any, where: str) -> KerasModel:
        """A model of the user's.

        Raises:
            InputError, UnsupportedModel: it is not built, has several outputs or models in it, or weights that are no
                numbers.
        """
        taken = flat(model, where)
        bad = [w.path for w in taken.weights if not np.all(np.isfinite(np.asarray(w.value)))]
        if bad:
            raise InputError(
                "the model's weights are not finite",
                where=where,
                why=f"{bad[0]} holds NaN or infinity" + (f", and {len(bad) - 1} more" if len(bad) > 1 else ""),
                hint="train it again with a lower learning rate",
            )
        return KerasModel(taken)

    def parameters(self, model: KerasModel) -> tuple[int, int]:
        """See ``network.Framework``."""
        layers = [layer for layer in model.model.layers if type(layer).__name__ != "FakeQuant"]
        weights = [np.asarray(weight.value) for layer in layers for weight in layer.weights]
        kernels = [np.asarray(layer.kernel.value) for layer in layers if has_kernel(layer)]
        return sum(w.size for w in weights), sum(int(np.sum(k == 0)) for k in kernels)

    def float_model(self, model: KerasModel, where: str) -> FloatModel:
        """See ``network.Framework``."""
        return convert_keras(without_fake_quant(model.model) if model.quantized else model.model, where)

    def quantized(self, model: KerasModel, where: str) -> bytes | None:
        """See ``network.Framework``. The converter takes activations' ranges from the FakeQuant layers."""
        if not model.quantized:
            return None
        keras, lite = self._keras, self._tensorflow.lite
        try:
            with quiet():
                inputs = [
                    keras.Input(t.shape[1:], batch_size=1, dtype=t.dtype, name=t.name) for t in model.model.inputs
                ]
                fixed = keras.Model(inputs, model.model(inputs[0] if len(inputs) == 1 else inputs))
                converter = lite.TFLiteConverter.from_keras_model(fixed)
                converter.optimizations = [lite.Optimize.DEFAULT]
                converter.inference_input_type = converter.inference_output_type = self._tensorflow.int8
                return tidy(bytes(converter.convert()))
        except Exception as error:  # converter errors are bare Exceptions
            raise unsupported_operators(error, where) from None

    def data(self, model: KerasModel, samples: Samples, where: str) -> Data:
        """See ``network.Framework``."""
        x = tuple(
            values.reshape(len(values), *tensor.shape[1:]).astype(np.float32)
            for values, tensor in zip(samples.inputs, model.model.inputs, strict=True)
        )
        y, task = targets(samples, self.outputs(model), ends_in(model.model) == "sigmoid", where)
        return Data(x, y, task)

    def outputs(self, model: KerasModel) -> int:
        """Values that a model gives for a sample."""
        return int(np.prod(model.model.output_shape[1:]))

    def begin(self, step: Step, model: KerasModel, teacher: KerasModel | None, data: Data, seed: int) -> KerasWork:
        """See ``network.Framework``."""
        assert isinstance(step, Training)
        objective = Objective(data, self.outputs(model), ends_in(model.model))
        what = "trained on the labels"
        if isinstance(step, Distil):
            assert teacher is not None
            objective = self._distilled(step, model, teacher, data)
            what = f"taught by {step.teacher}, temperature {step.temperature:g}, {step.soft:g} soft"
        elif isinstance(step, Channels):
            smaller, what = remove_channels(model.model, step, objective, data, self._where)
            model = KerasModel(smaller, model.sparse, model.shared)
        elif isinstance(step, Prune):
            return self._prune(step, model, objective, data, seed)
        elif isinstance(step, Cluster):
            model = self._cluster(step, model)
            what = f"{step.clusters} values for each layer"
        elif isinstance(step, Qat):
            folded = fold_normalization(model.model, self._where)
            model = KerasModel(add_fake_quant(folded), model.sparse, model.shared, quantized=True)
            what = "computes as int8 will"
        return KerasWork(model, what, step, objective, data, seed, held=self._held(model))

    def _prune(self, step: Prune, model: KerasModel, objective: Objective, data: Data, seed: int) -> KerasWork:
        names = self._kernels(model, step.skip)
        pruned = KerasModel(model.model, tuple(dict.fromkeys([*model.sparse, *names])), model.shared)
        zeros = Zeros([model.model.get_layer(name) for name in names])
        others = [model.model.get_layer(name) for name in model.sparse if name not in names]
        held: list[Held] = [*self._shared(model), Zeros(others), zeros]
        return KerasWork(
            pruned, f"{100 * step.sparsity:g} % of the weights of {len(names)} layers are zero", step, objective, data,
            seed, held=held, before_batch=_Sparser(step, zeros),
        )  # fmt: skip

    def _cluster(self, step: Cluster, model: KerasModel) -> KerasModel:
        """BatchNormalization is folded first: it would scale each channel's values apart."""
        folded = fold_normalization(model.model, self._where)
        names = self._kernels(KerasModel(folded), step.skip)
        for name in names:
            kernel = folded.get_layer(name).kernel
            kernel.assign(cluster(np.asarray(kernel.value), step.clusters, keep_zeros=name in model.sparse))
        return KerasModel(folded, model.sparse, tuple(dict.fromkeys([*model.shared, *names])))

    def _kernels(self, model: KerasModel, skip: list[str]) -> list[str]:
        """Layers whose single weights a step changes. Depthwise kernels are few weights that matter much."""
        known_layers(model.model, skip, "skip")
        found = [
            layer.name
            for layer in model.model.layers
            if has_kernel(layer) and type(layer).__name__ != "DepthwiseConv2D" and layer.name not in skip
        ]
        if not found:
            raise InputError(
                "no layer is left to change", where=self._where, why="skip names all of them", hint="shorten skip"
            )
        return found

    def _held(self, model: KerasModel) -> list[Held]:
        """Zeros last: a mean over a cluster must not bring them back."""
        return [*self._shared(model), Zeros([model.model.get_layer(name) for name in model.sparse])]

    def _shared(self, model: KerasModel) -> list[Held]:
        return [Shared([model.model.get_layer(name) for name in model.shared])] if model.shared else []

    def _distilled(self, step: Distil, model: KerasModel, teacher: KerasModel, data: Data) -> Objective:
        shapes = [[tuple(t.shape[1:]) for t in m.model.inputs] for m in (model, teacher)]
        if shapes[0] != shapes[1]:
            raise InputError(
                "the teacher takes other inputs", where=step.teacher, why=f"{shapes[1]}, the student {shapes[0]}",
                hint="give a teacher that was trained with the same samples",
            )  # fmt: skip
        if self.outputs(teacher) != self.outputs(model):
            raise InputError(
                f"the teacher gives {self.outputs(teacher)} values, the student {self.outputs(model)}",
                where=step.teacher,
                why="the student learns the teacher's answers: both need the same classes in the same order",
                hint="give a teacher with the same classes",
            )
        return Objective(
            data, self.outputs(model), ends_in(model.model), answers=outputs_of(teacher.model, data),
            teacher_ends_in=ends_in(teacher.model), temperature=step.temperature, soft=step.soft,
        )  # fmt: skip

    def dump(self, model: KerasModel) -> bytes:
        """See ``network.Framework``."""
        return stored.dump(model)

    def restore(self, data: bytes) -> KerasModel:
        """See ``network.Framework``."""
        return stored.restore(data, trust=self._trust)


class _Sparser:
    """Raises the share of zeros along the schedule, in steps that are worth the sorting."""

    def __init__(self, step: Prune, zeros: Zeros) -> None:
        self._step, self._zeros, self._now = step, zeros, -1.0

    def __call__(self, progress: float) -> None:
        share = polynomial(self._step, progress)
        if share - self._now >= 0.01 or (share == self._step.sparsity != self._now):
            self._zeros.prune(share)
            self._now = share
