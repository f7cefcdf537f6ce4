"""Search spaces that are declared in a TOML file, for functions that take values instead of a trial."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from tinykit.errors import InputError
from tinykit.tables import read_table
from tinykit.tune.candidate import COMPILED

PRECISION = "precision"
"""The parameter that is tinykit's own unless the function takes it: how the model is quantized."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Range(_Table):
    @model_validator(mode="after")
    def _check(self) -> _Range:
        low, high, step, log = (getattr(self, name) for name in ("low", "high", "step", "log"))
        if low > high:
            raise ValueError(f"low = {low:g} is above high = {high:g}")
        if log and low <= 0:
            raise ValueError("log needs low above 0")
        if log and step not in (None, 1):
            raise ValueError("log and step do not go together")
        return self


class IntRange(_Range):
    """Whole numbers from ``low`` to ``high``, both included, ``step`` apart; ``log``: small ones as often as large."""

    kind: Literal["int"]
    low: int
    high: int
    step: int = Field(1, ge=1)
    log: bool = False


class FloatRange(_Range):
    """Numbers from ``low`` to ``high``; ``step`` apart, or any."""

    kind: Literal["float"]
    low: float
    high: float
    step: float | None = Field(None, gt=0)
    log: bool = False


class Choice(_Table):
    """One of ``choices``."""

    kind: Literal["choice"]
    choices: list[Union[bool, int, float, str]] = Field(min_length=1)


Parameter = Annotated[Union[IntRange, FloatRange, Choice], Field(discriminator="kind")]


class Space(RootModel[dict[str, Parameter]]):
    """Parameters by name."""

    @model_validator(mode="after")
    def _check(self) -> Space:
        if not self.root:
            raise ValueError("it declares no parameter")
        precision = self.root.get(PRECISION)
        if precision is not None and (
            not isinstance(precision, Choice) or any(choice not in COMPILED for choice in precision.choices)
        ):
            raise ValueError(f"{PRECISION} has to be a choice among {', '.join(COMPILED)}")
        return self

    def suggest(self, trial: Any) -> dict[str, Any]:
        """A value for each parameter, from an Optuna trial."""
        return {name: _suggest(trial, name, parameter) for name, parameter in self.root.items()}

    def check_function(self, function: Callable[..., Any], where: str) -> None:
        """That a function takes the parameters.

        Raises:
            InputError: it lacks one, or needs another.
        """
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return  # built in C: a call will tell
        values = {name: None for name in self.root if name != PRECISION or name in signature.parameters}
        try:
            signature.bind(**values)
        except TypeError as error:
            raise InputError(
                "the function does not take the parameters of the search space",
                where=where,
                why=str(error),
                hint=f"it is called with {', '.join(f'{name}=...' for name in values)}",
            ) from None


def load_space(path: Path) -> Space:
    """Read a search space.

    Raises:
        InputError: the file cannot be read, or a field is wrong; names it.
    """
    return read_table(
        path,
        Space,
        noun="search space",
        error=InputError,
        hint='write a table for each parameter: [width] kind = "int", low = 4, high = 64 (docs/tune.md)',
        tags={},
    )


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether a function has a parameter of that name."""
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _suggest(trial: Any, name: str, parameter: IntRange | FloatRange | Choice) -> Any:
    if isinstance(parameter, Choice):
        return trial.suggest_categorical(name, parameter.choices)
    suggest = trial.suggest_int if isinstance(parameter, IntRange) else trial.suggest_float
    return suggest(name, parameter.low, parameter.high, step=parameter.step, log=parameter.log)
