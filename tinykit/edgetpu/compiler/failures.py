"""Why a run of ``edgetpu_compiler`` failed, from its exit status and its log."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from tinykit.edgetpu.compiler.locate import NAME
from tinykit.edgetpu.compiler.log import CompilerLog
from tinykit.errors import CompilerFailed, TinykitError, UnsupportedModel

# What the compiler says, and what to try. The first that is found counts.
_HINTS = (
    ("Model not quantized", "quantize the model to int8 first: `tinykit convert`"),
    ("dynamic-sized tensors", "give every tensor a fixed size, the batch of 1 included, and convert again"),
    ("builtin_code out of range", "it has an operator newer than the compiler; `tinykit edgetpu check` names it"),
    ("builtin opcode", "an operator's version is newer than the compiler; `tinykit edgetpu check` names it"),
    ("could not be parsed", "`tinykit edgetpu check` says which operators the compiler's old front end refuses"),
    ("large activation", "make inputs or layers smaller, or let it leave some out: --search-delegate"),
    ("timeout", "give it longer: --timeout-sec"),
    ("Internal compiler error", "leave operators out: --search-delegate, or --intermediate-tensors"),
)
_OWN_FAULT = ("Internal compiler error", "libc++abi", "terminate called", "Compilation timeout")
_NOT_FOR_THIS_MACHINE = ("Exec format error", "cannot execute binary file")


def failure(models: Sequence[Path], status: int | None, log: CompilerLog, kill_after: float) -> TinykitError | None:
    """The error that a run ends with; None if it says that it succeeded.

    Args:
        status: exit status, negative for a signal, None when it had to be stopped.
    """
    where = ", ".join(str(model) for model in models)
    why = "; ".join(dict.fromkeys(log.errors)) or None
    hint = next((hint for text, hint in _HINTS if why is not None and text in why), None)
    if status is None:
        return CompilerFailed(
            f"{NAME} was stopped: it did not end within {kill_after:g} s",
            where=where,
            why=why,
            hint=hint or "give it longer: --kill-after",
        )
    if status < 0:
        return CompilerFailed(f"{NAME} was ended by {_signal(-status)}", where=where, why=why, hint=hint)
    if status == 0 and not _says_it_failed(log):
        return None
    if why is not None and not why.startswith(_OWN_FAULT):
        return UnsupportedModel(f"{NAME} refuses the model", where=where, why=why, hint=hint)
    if why is None:
        said = f"it says {log.unknown[-1].text.strip()!r}" if log.unknown else "it says no more"
        why = f"{said}; its exit status is {status}"
    return CompilerFailed(f"{NAME} failed", where=where, why=why, hint=hint)


def refused_by_shell(status: int | None, printed: str) -> bool:
    """The command is a script, as that of Coral's package, and the program behind it is for another machine."""
    return status in (126, 127) and any(text in printed for text in _NOT_FOR_THIS_MACHINE)


def _says_it_failed(log: CompilerLog) -> bool:
    """In its last word: a search for operators that it can compile fails some times first."""
    compiled = log.succeeded > 0 or log.milliseconds > 0 or any(m.output is not None for m in log.models)
    return (log.failed > 0 or bool(log.errors)) and not compiled


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
