"""Energy without a meter: a datasheet's current times how long an inference takes."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.hil.report.model import Latency
from tinykit.hil.report.used_energy import Energy


def energy_from_datasheet(board: Board, latency: Latency) -> Energy | None:
    """An estimate where the board file has a current and the latency is time on this board; None elsewhere."""
    currents = board.energy
    seconds = latency_seconds(board, latency)
    if currents is None or seconds is None:
        return None
    watts = currents.active_ma / 1000 * currents.volts
    idle = None if currents.idle_ma is None else currents.idle_ma / 1000 * currents.volts
    return Energy(False, "; ".join(currents.sources), None, 0, watts * seconds, watts, idle, seconds, 0)


def latency_seconds(board: Board, latency: Latency) -> float | None:
    """The median in seconds of the device; None for instructions, which are no time, and for emulated boards."""
    if board.emulator is not None and board.emulator.kind != "native":
        return None
    if latency.unit == "us":
        return latency.p50 / 1e6
    if latency.unit == "cycles":
        return latency.p50 / board.counter.value_exact(board.counter.hz)
    return None
