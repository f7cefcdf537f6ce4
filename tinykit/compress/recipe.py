"""Recipe files: what is done to a model, in which order. docs/compress.md describes every field."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tinykit.errors import InputError
from tinykit.tables import read_table

KINDS = ("train", "channels", "prune", "distil", "cluster", "qat", "int8")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Training(_Table):
    """What steps that train have in common.

    Attributes:
        epochs: passes over the training data.
        learning_rate: Adam's at first; it falls to zero along a half cosine.
        batch: samples for each update.
    """

    epochs: int = Field(10, ge=0, le=100_000)
    learning_rate: float = Field(1e-3, gt=0, le=1)
    batch: int = Field(64, ge=1, le=65_536)


class Train(Training):
    """Training on the labels, nothing else."""

    kind: Literal["train"]


class Channels(Training):
    """Whole channels are removed, then the rest is trained.

    Attributes:
        remove: share of the channels of every layer, or of all layers together.
        scope: "layer" removes alike everywhere; "global" where channels matter least.
        criterion: "l2" ranks channels by the norm of their weights, "taylor" by what the loss would change.
        multiple: channels that stay are a multiple of it.
        least: fewest channels that a layer keeps.
        skip: names of layers whose channels all stay.
    """

    kind: Literal["channels"]
    remove: float = Field(gt=0, lt=1)
    scope: Literal["layer", "global"] = "layer"
    criterion: Literal["l2", "taylor"] = "l2"
    multiple: int = Field(1, ge=1, le=64)
    least: int = Field(2, ge=1)
    skip: list[str] = []


class Prune(Training):
    """Single weights become zero while training goes on.

    Attributes:
        sparsity: share of each layer's weights that is zero in the end.
        initial: share at the beginning.
        power: exponent of the polynomial that leads from one to the other.
        until: part of the step after which the sparsity is reached; the rest recovers.
        skip: names of layers that stay dense.
    """

    kind: Literal["prune"]
    sparsity: float = Field(gt=0, lt=1)
    initial: float = Field(0.0, ge=0, lt=1)
    power: float = Field(3.0, ge=1, le=10)
    until: float = Field(0.7, gt=0, le=1)
    skip: list[str] = []

    @model_validator(mode="after")
    def _rises(self) -> Prune:
        if self.initial > self.sparsity:
            raise ValueError(f"initial = {self.initial:g} is more than sparsity = {self.sparsity:g}")
        return self


class Distil(Training):
    """Training on what a teacher says.

    Attributes:
        teacher: "source" (the model that the recipe started from), a file, or module:callable.
        student: a model that takes the place of the one so far; none keeps it.
        temperature: divides the logits of both, so that small probabilities count.
        soft: weight of the teacher's answers; the labels have the rest.
    """

    kind: Literal["distil"]
    teacher: str = "source"
    student: str | None = None
    temperature: float = Field(4.0, ge=1, le=100)
    soft: float = Field(0.7, ge=0, le=1)


class Cluster(Training):
    """The weights of each layer share few values.

    Attributes:
        clusters: how many values.
        skip: names of layers that are left alone.
    """

    kind: Literal["cluster"]
    clusters: int = Field(16, ge=2, le=256)
    skip: list[str] = []


class Qat(Training):
    """Training that computes as int8 will."""

    kind: Literal["qat"]


class Int8(_Table):
    """Quantization to the .tflite that is written; the last step.

    Attributes:
        clipping: how much of an activation's range is kept, where no ``qat`` came before.
    """

    kind: Literal["int8"]
    clipping: Literal["none", "p99.9", "mse"] = "none"


Step = Union[Train, Channels, Prune, Distil, Cluster, Qat, Int8]


class Recipe(_Table):
    """A recipe file.

    Attributes:
        source: a .keras or .h5 file, or module:callable that returns a Keras model or (torch.nn.Module, example).
        train: .npz with ``x`` and ``y``, to train and calibrate with.
        test: .npz with ``x`` and ``y``, to measure accuracy with; training never sees it.
        board: where instructions are counted; none counts none.
        seed: of every random choice.
        max_accuracy_drop: points of percent that the result may lose against the source in float.
        step: what is done, in this order.
    """

    source: str
    train: str
    test: str
    board: str | None = None
    seed: int = Field(0, ge=0, lt=1 << 31)
    max_accuracy_drop: float | None = Field(None, ge=0, le=100)
    step: list[Annotated[Step, Field(discriminator="kind")]] = Field(min_length=1)

    @model_validator(mode="after")
    def _order(self) -> Recipe:
        kinds = [step.kind for step in self.step]
        for number, (kind, following) in enumerate(zip(kinds, [*kinds[1:], None], strict=True), 1):
            if kind == "int8" and following is not None:
                raise ValueError(f"step {number} is int8, which has to be the last one")
            if kind == "qat" and following not in ("int8", None):
                raise ValueError(f"step {number} is qat, after which only int8 may follow, not {following}")
        return self


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        InputError: the file cannot be read, or a field is unknown, missing or wrong; names it and what is allowed.
    """
    return read_table(
        path,
        Recipe,
        noun="recipe",
        error=InputError,
        hint=f"kinds of steps are {', '.join(KINDS)}; docs/compress.md describes their fields",
        tags={"step": KINDS},
    )
