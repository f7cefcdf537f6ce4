"""What all tables of a board file have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

from tinykit.tables import LINE

if TYPE_CHECKING:
    from typing_extensions import Self


Line = Annotated[str, LINE]
"""It ends up in comments and commands of the project's files."""


class BoardTable(BaseModel):
    """A TOML table: a key that is not known is an error, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(BoardTable):
    """A table with a ``kind``, and for kinds of ``needing`` a table of that name with what they have to know."""

    needing: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        kind: str = getattr(self, "kind")  # noqa: B009 - every subclass has one
        if kind in self.needing and getattr(self, kind.replace("-", "_")) is None:
            table = f"{type(self).__name__.lower()}.{kind.replace('-', '_')}"
            raise ValueError(f"kind {kind!r} needs a table [{table}]")
        return self
