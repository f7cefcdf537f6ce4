"""A conversion on the terminal: 80 columns, readable without colour."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.convert.analysis import EXACT_DB, LayerError, worst
from tinykit.convert.identity import Engine, Identity
from tinykit.convert.result import Conversion
from tinykit.edgetpu.report.terminal import render_terminal as render_edgetpu
from tinykit.text import printable

_BAR = 16
_FULL_DB = 60.0
"""A bar of full length: int8 tensors seldom have more."""
_NAMES = {"top1": "accuracy", "binary": "accuracy", "r2": "R squared"}


def render_terminal(result: Conversion) -> RenderableType:
    """What the CLI prints."""
    head = Text.assemble(
        (printable(result.source), "bold"), f" ({result.framework}) as ", (result.scheme.label, "bold"),
        f", for {result.target}",
    )  # fmt: skip
    parts: list[RenderableType] = [head, _figures(result)]
    doubts = [note for note in result.notes if note.startswith("calibration: ")]  # the figures below rest on it
    parts += _noted(doubts)
    if result.trials:
        parts += [Text(), _trials(result)]
        parts += [
            Text.assemble(("without it ", "yellow"), f"{printable(x.label)} loses {x.lost_db:.0f} dB: {x.why}")
            for x in result.culprits
        ]
    if result.layers:
        parts += [Text(), _layers(result.layers)]
    losing = worst(result.layers)
    if losing:
        parts.append(Text())
        parts += [
            Text.assemble(("loses ", "yellow"), f"{printable(x.label)}, {x.lost_db:.0f} dB: {x.why}") for x in losing
        ]
    if result.identity is not None:
        parts += [Text(), *_identity(result.identity)]
    if result.edgetpu is not None:
        parts += [Text(), render_edgetpu(result.edgetpu)]
    parts += _noted([note for note in result.notes if note not in doubts])
    return Group(*parts)


def _noted(notes: list[str]) -> list[Text]:
    return [Text(f"note  {printable(note)}", style="yellow") for note in notes]


def _figures(result: Conversion) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row(
        "size", f"{result.bytes:,} B, {100 * result.bytes / result.float_bytes:.0f} % of {result.float_bytes:,} B"
    )
    if result.before is not None and result.after is not None and result.drop is not None:
        table.add_row(
            _NAMES[result.before.metric],
            f"{result.after.value:.4f}, float {result.before.value:.4f} ({_points(result.drop)})",
        )
        table.add_row("", f"{result.data_size} samples of {printable(result.data or '')}")
        if result.after.ties:
            table.add_row("", f"{result.after.ties} with several largest outputs; the label counts as found")
    if result.calibration is not None:
        table.add_row("calibration", f"{result.calibration_size} samples of {printable(result.calibration)}")
    return table


def _points(drop: float) -> str:
    return "no change" if drop == 0 else f"{-drop:+.2f} points"


def _trials(result: Conversion) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("tried")
    for name in ("bytes", "score", "drop"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    chosen = result.scheme.label
    for trial in result.trials:
        if trial.bytes is None or trial.score is None or trial.drop is None:
            table.add_row(trial.label, "", "", "", "not possible")
            continue
        verdict = "chosen" if trial.label == chosen and trial.holds else "holds" if trial.holds else "too much"
        table.add_row(trial.label, f"{trial.bytes:,}", f"{trial.score.value:.4f}", f"{trial.drop:.2f}", verdict)
    return table


def _layers(layers: tuple[LayerError, ...]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("layer", no_wrap=True, overflow="ellipsis", max_width=36)
    for name in ("SQNR dB", "cosine", "lost dB"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for layer in layers:
        lost = f"{layer.lost_db:.1f}" if layer.lost_db >= 0.05 else ""
        table.add_row(
            Text(printable(layer.label)), _decibels(layer.sqnr_db), f"{layer.cosine:.4f}", lost, bar(layer.channel_db)
        )
    return table


def bar(value: float) -> str:
    """A bar for a ratio in dB."""
    return "█" * round(_BAR * max(0.0, min(1.0, value / _FULL_DB)))


def _decibels(value: float) -> str:
    return "exact" if value >= EXACT_DB else f"{value:.1f}"


def _identity(identity: Identity) -> list[Text]:
    lines = []
    for engine in identity.engines:
        style = "green" if engine.identical == identity.samples else "yellow"
        lines.append(Text.assemble((f"{engine.name:13}", style), engine_text(engine, identity)))
    return lines


def engine_text(engine: Engine, identity: Identity) -> str:
    """What is said of one engine."""
    if engine.absent is not None:
        return f"not run: {printable(engine.absent)}"
    if engine.name == identity.measure:
        return f"the measure: {identity.samples} samples"
    if engine.identical is None:
        return "ran; there is nothing to compare it with"
    text = f"{engine.identical} of {identity.samples} identical to {identity.measure}"
    return text + (f", largest difference {engine.largest:.4g}" if engine.largest else "")
