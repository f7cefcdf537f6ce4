"""What a board file says about time: the cost model, the clock and the flash that cycles are estimated with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from tinykit.board.table import BoardTable, Line

if TYPE_CHECKING:
    from typing_extensions import Self


class Timing(BoardTable):
    """One clock that the board can run at.

    Attributes:
        core: the cost model ("cortex-m4"), of ``tinykit.cycles.cores``.
        hz: the core's clock; None where the machine has none.
        wait_states: cycles that a read of the flash takes beyond one, at this clock.
        flash_width: bytes that such a read gives.
        cache_lines, cache_line_bytes: of the cache for instructions; 0: there is none.
        sources: documents with these numbers.
    """

    core: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    hz: int | None = Field(default=None, gt=0)
    wait_states: int = Field(default=0, ge=0, le=255)
    flash_width: int = Field(default=4, gt=0, le=64)
    cache_lines: int = Field(default=0, ge=0, le=65536)
    cache_line_bytes: int = Field(default=0, ge=0, le=256)
    sources: tuple[Line, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_cache(self) -> Self:
        if bool(self.cache_lines) != bool(self.cache_line_bytes):
            raise ValueError("fields timing.cache_lines and timing.cache_line_bytes go together")
        return self
