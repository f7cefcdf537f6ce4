"""What is to say of several compiled models at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinykit.edgetpu.package.groups import Group, Pipeline, groups_of, pipelines_of
from tinykit.edgetpu.package.reader import CUSTOM_OP, read_compiled
from tinykit.edgetpu.package.runtime import Runtime, runtime_warnings
from tinykit.edgetpu.package.types import CompiledModel
from tinykit.errors import ModelError


@dataclass(frozen=True)
class Inspection:
    """Compiled models and how they belong together.

    Attributes:
        runtime: what they were held against; None when nothing is known.
        warnings: by path; those of pipelines under the path of the first segment.
    """

    models: tuple[CompiledModel, ...]
    groups: tuple[Group, ...]
    pipelines: tuple[Pipeline, ...]
    runtime: Runtime | None
    warnings: dict[str, tuple[str, ...]]


def inspect_files(paths: Sequence[Path], runtime: Runtime | None) -> Inspection:
    """Read compiled models.

    Raises:
        InputError: a file cannot be read.
        ModelError: one is damaged, or was not compiled for the Edge TPU.
    """
    models = tuple(_compiled(path) for path in dict.fromkeys(paths))
    return inspection_of(models, runtime)


def inspection_of(models: Sequence[CompiledModel], runtime: Runtime | None) -> Inspection:
    """The same of models that were read before."""
    pipelines = pipelines_of(models)
    warnings = {model.path: runtime_warnings(model, runtime) for model in models}
    for pipeline in pipelines:
        first = warnings[pipeline.models[0]]
        first += [f"{gap}, which no segment before it writes" for gap in pipeline.gaps]
    return Inspection(
        models=tuple(models),
        groups=groups_of(models),
        pipelines=pipelines,
        runtime=runtime,
        warnings={path: tuple(said) for path, said in warnings.items()},
    )


def _compiled(path: Path) -> CompiledModel:
    model = read_compiled(path)
    if not model.edgetpu_ops:
        raise ModelError(
            "the model is not compiled for the Edge TPU",
            where=model.path,
            why=f"it has no operator {CUSTOM_OP}",
            hint="`tinykit edgetpu compile` compiles it; `tinykit edgetpu check` says what of it would run there",
        )
    return model
