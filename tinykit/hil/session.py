"""A session with one board: arrays in, arrays and ticks out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from tinykit.board import Board
from tinykit.emulate import OpenBoard, open_board
from tinykit.errors import DeviceRefused, InputError, WrongFirmware
from tinykit.firmware import Image
from tinykit.graph.types import DType
from tinykit.link import Client, DeviceInfo, TensorInfo


@dataclass(frozen=True)
class Inference:
    """One inference on the device: its outputs, and how long it took in ticks of the device's counter."""

    outputs: tuple[np.ndarray, ...]
    ticks: int


class Session:
    """A board with its firmware running, as a context manager.

    Args:
        port: a serial port instead of the board's emulator.
        line: an opened board instead of both, from a place of a bench.
        timeout: seconds that one inference may take.
        connect_timeout: seconds until the first answer.

    Raises:
        DeviceError, DeviceMissing, ToolMissing: on entry, when the board does not come up.
    """

    def __init__(
        self,
        board: Board,
        image: Image,
        *,
        port: str | None = None,
        line: OpenBoard | None = None,
        timeout: float = 120.0,
        connect_timeout: float = 10.0,
    ) -> None:
        self.board = board
        self.image = image
        self._port = port
        self._line = line
        self._connect_timeout = connect_timeout
        self._timeout = timeout
        self._resources = contextlib.ExitStack()
        self._client: Client | None = None

    def __enter__(self) -> Session:
        with contextlib.ExitStack() as resources:
            stream = resources.enter_context(self._line or open_board(self.board, self.image, self._port))
            client = Client(stream, expected_build=self.image.build_id)
            client.connect(self._connect_timeout)
            self._client = client
            self._resources = resources.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    @property
    def client(self) -> Client:
        """The link to the device.

        Raises:
            RuntimeError: outside of the ``with`` block.
        """
        if self._client is None:
            raise RuntimeError("the session is not open")
        return self._client

    def reconnect(self) -> None:
        """Open a new session on the same line, after the device restarted.

        Raises:
            DeviceError: it does not answer, or it runs another firmware.
        """
        self.client.connect(self._connect_timeout)

    @property
    def info(self) -> DeviceInfo:
        return self.client.info

    def infer(self, *inputs: np.ndarray, fresh: bool = False) -> Inference:
        """Run one sample.

        Args:
            inputs: one array per model input, in the input's type and size.
            fresh: forget earlier runs first, if the model keeps something from run to run.
        """
        self.write(inputs)
        result = self.client.run(fresh=fresh and self._keeps_state, timeout=self._timeout)
        return Inference(self.read(), result.total_ticks)

    def write(self, inputs: Sequence[np.ndarray]) -> None:
        """Send a sample without running it."""
        if len(inputs) != len(self.info.inputs):
            raise InputError(f"{len(inputs)} inputs given, the model has {len(self.info.inputs)}")
        for index, (values, tensor) in enumerate(zip(inputs, self.info.inputs, strict=True)):
            raw = np.ascontiguousarray(values)
            if raw.dtype != _numpy(tensor) or raw.nbytes != tensor.nbytes:
                raise InputError(
                    f"input {index} is {raw.dtype} of shape {list(raw.shape)}",
                    why=f"the model needs {_numpy(tensor)} of shape {list(tensor.shape)}",
                )
            self.client.write_input(index, raw.tobytes())

    def read(self) -> tuple[np.ndarray, ...]:
        """The outputs of the last inference."""
        return tuple(
            np.frombuffer(self.client.read_output(index), _numpy(tensor)).reshape(tensor.shape)
            for index, tensor in enumerate(self.info.outputs)
        )

    def time(self, runs: int, warmups: int = 0) -> list[int]:
        """Ticks of ``runs`` inferences of the sample written last, one by one, after ``warmups`` untimed ones."""
        if warmups:
            self.client.run(1, warmups - 1, timeout=self._timeout * warmups)
        return [self.client.run(timeout=self._timeout).total_ticks for _ in range(runs)]

    def check_layers(self) -> list[int | None]:
        """CRC-32 of each layer's output for the sample written last; None where the firmware cannot tell.

        Earlier runs are forgotten first, if the model keeps something of them.
        """
        places = [layer.get("output") for layer in self.image.project.manifest["model"]["layers"]]
        if not any(places):
            return [None] * len(places)
        pieces = [(place[0], place[1]) if place else (0, 0) for place in places]
        try:
            checks = self.client.check_layers(pieces, fresh=self._keeps_state, timeout=2 * self._timeout)
        except DeviceRefused:  # a firmware that an earlier tinykit built
            return [None] * len(places)
        return [check if place else None for check, place in zip(checks, places, strict=True)]

    @property
    def _keeps_state(self) -> bool:
        return bool(self.image.project.manifest["model"].get("state_bytes"))

    def profile(self) -> list[int]:
        """Ticks of each layer in one inference of the sample written last."""
        self.client.run(1, 1, profile=True, timeout=2 * self._timeout)
        return self.client.read_profile()


def _numpy(tensor: TensorInfo) -> np.dtype[np.generic]:
    try:
        numpy = DType(tensor.dtype).numpy
    except ValueError:
        numpy = None
    if numpy is None:
        raise WrongFirmware(f"the firmware's tensor {tensor.name!r} has the unknown type {tensor.dtype}")
    little_endian: np.dtype[np.generic] = numpy.newbyteorder("<")
    return little_endian
