"""What a meter is to the rest of tinykit."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from tinykit.hil.energy.samples import Samples


class Meter(Protocol):
    """An instrument in the board's supply, as a context manager: entered, it is connected.

    Attributes:
        description: what and which it is, for reports.
    """

    description: str

    def __enter__(self) -> Meter: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def start(self) -> None:
        """Begin to record; the recording's time is 0 now.

        Raises:
            DeviceError: the instrument does not answer.
        """

    def stop(self) -> Samples:
        """End the recording.

        Raises:
            DeviceError: the instrument does not answer, or lost samples.
        """
