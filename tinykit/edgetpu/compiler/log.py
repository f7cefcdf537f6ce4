"""What ``edgetpu_compiler`` prints, and the operation log it writes, as typed values.

Nobody specified the form: it is read as versions 2.0 to 16.0 print it, one line at a time, in any order. A line that is
not known is kept as it is, in ``CompilerLog.unknown``; so is one that says a second time what a model has already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePath

MAPPED = "Mapped to Edge TPU"
STATUSES = (
    MAPPED,
    "Operation is otherwise supported, but not mapped due to some unspecified limitation",
    "More than one subgraph is not supported",
    "Operation is working on an unsupported data type",
    "Operation not supported",
    "Operation version not supported",
)
"""What an operator's line can say; and, with a number after it, ``RANK``."""
RANK = "Tensor has unsupported rank"
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@dataclass(frozen=True)
class Size:
    """A size as the log rounds it: ``text`` ("1.92MiB"), its bytes, and by how many the true one may differ."""

    text: str
    bytes: float
    margin: float

    def agrees(self, exact: int) -> bool:
        """Whether so many bytes are printed like this."""
        return abs(exact - self.bytes) <= self.margin


@dataclass(frozen=True)
class OperatorCount:
    """A line of the operation log: so many operators of a kind have a status."""

    operator: str
    count: int
    status: str

    @property
    def mapped(self) -> bool:
        return self.status == MAPPED


@dataclass(frozen=True)
class ModelLog:
    """What was said of one model; None where nothing was.

    Attributes:
        cached, remaining, streamed: memory on the chip that parameters take, that is left, and beside the chip.
        available: for parameters, those of this model included; older compilers say this instead of ``remaining``.
        edgetpu, cpu: numbers of operators that run there; said only if some stay on the processor.
        operators: in the log's order.
    """

    input: str | None = None
    input_size: Size | None = None
    output: str | None = None
    output_size: Size | None = None
    cached: Size | None = None
    remaining: Size | None = None
    available: Size | None = None
    streamed: Size | None = None
    subgraphs: int | None = None
    operations: int | None = None
    operation_log: str | None = None
    edgetpu: int | None = None
    cpu: int | None = None
    operators: tuple[OperatorCount, ...] = ()

    def counts(self) -> dict[tuple[str, bool], int]:
        """Operators by kind and whether they are mapped."""
        found: dict[tuple[str, bool], int] = {}
        for row in self.operators:
            key = (row.operator, row.mapped)
            found[key] = found.get(key, 0) + row.count
        return found


@dataclass(frozen=True)
class UnknownLine:
    """A line that the parser does not know, with its number in the log, from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class CompilerLog:
    """All that was printed.

    Attributes:
        version: of the compiler ("16.0.384591198").
        milliseconds: that successful compilations took.
        tried: for --search_delegate, and for segments: the numbers of operators it tried to compile.
        intermediate_tensors: where the last of these tries cut the model.
        errors: what went wrong, in the compiler's words; also of tries that others followed.
        succeeded, failed: how often it said of a compilation that it did.
        lines: how many lines are not empty; each was read into this, or is in ``unknown``.
    """

    version: str | None = None
    timeout_seconds: int | None = None
    milliseconds: int = 0
    models: tuple[ModelLog, ...] = ()
    tried: tuple[int, ...] = ()
    intermediate_tensors: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    succeeded: int = 0
    failed: int = 0
    lines: int = 0
    unknown: tuple[UnknownLine, ...] = ()

    def of_output(self, name: str) -> ModelLog | None:
        """What was said of the model whose output has this file name."""
        return next((m for m in self.models if m.output is not None and PurePath(m.output).name == name), None)


def parse_log(text: str) -> CompilerLog:
    """Read a log, whole or not. Never fails: what is not understood is in ``unknown``."""
    reader = _Reader()
    lines = 0
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        line = line.strip()
        if line:
            lines += 1
            if not reader.take(line):
                reader.unknown.append(UnknownLine(number, line))
    models = [model for model in (*reader.done, reader.model) if model != ModelLog()]
    return replace(reader.log, models=tuple(models), lines=lines, unknown=tuple(reader.unknown))


def parse_size(text: str) -> Size | None:
    """A size as the log prints it, or None."""
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?\s?(B|KiB|MiB|GiB)", text)
    if found is None:
        return None
    unit = _UNITS[found[3]]
    digits = found[2] or ""
    # to the nearest, or cut off: nobody said
    return Size(text, float(f"{found[1]}.{digits or 0}") * unit, unit * 10.0 ** -len(digits))


# Lines with nothing in them that is worth keeping.
_PLAIN = tuple(
    re.compile(pattern)
    for pattern in (
        r"Operator\s+Count\s+Status",
        r"See the operation log file for individual operation details\.",
        r"Model successfully compiled but not all operations are supported by the Edge TPU\..*",
        r"Compilation child process completed within timeout period\.",
        r"Searching for valid delegate with step [0-9]+",
    )
)
_ERRORS = tuple(
    re.compile(pattern)
    for pattern in (
        r"ERROR: (.+)",
        r"(Internal compiler error\. Aborting!)",
        r"(Invalid model: .+)",
        r"(Model not quantized)",
        r"(Model could not be parsed)",
        r"Compilation failed: (.+)",
        r"(Compilation timeout\..*)",
        r"(Attempting to use a delegate that only supports static-sized tensors.*)",
        r"(Op builtin_code out of range: .*)",
        r"(Didn't find op for builtin opcode .*)",
        r"(libc\+\+abi: .+)",
        r"(terminate called .+)",
    )
)
_SIZES = {
    "Input size": "input_size",
    "Output size": "output_size",
    "On-chip memory used for caching model parameters": "cached",
    "On-chip memory remaining for caching model parameters": "remaining",
    "On-chip memory available for caching model parameters": "available",
    "Off-chip memory used for streaming uncached model parameters": "streamed",
}
_NUMBERS = {
    "Number of Edge TPU subgraphs": "subgraphs",
    "Total number of operations": "operations",
    "Number of operations that will run on Edge TPU": "edgetpu",
    "Number of operations that will run on CPU": "cpu",
}
_NAMES = {"Output model": "output", "Output": "output", "Operation log": "operation_log"}
_INPUTS = ("Input model", "Input")
_COUNT = r"([0-9]{1,9})"


@dataclass
class _Reader:
    log: CompilerLog = CompilerLog()
    done: list[ModelLog] = field(default_factory=list)
    model: ModelLog = ModelLog()
    unknown: list[UnknownLine] = field(default_factory=list)

    def take(self, line: str) -> bool:
        """Read a line; whether it was understood."""
        return any(read(line) for read in (self._plain, self._error, self._header, self._field, self._operator))

    def _plain(self, line: str) -> bool:
        return any(pattern.fullmatch(line) for pattern in _PLAIN)

    def _error(self, line: str) -> bool:
        for pattern in _ERRORS:
            found = pattern.fullmatch(line)
            if found is not None:
                self.log = replace(self.log, errors=(*self.log.errors, found[1].strip()))
                return True
        return False

    def _header(self, line: str) -> bool:
        log = self.log
        if found := re.fullmatch(r"Edge TPU Compiler version (\S+)", line):
            if log.version not in (None, found[1]):
                return False
            self.log = replace(log, version=found[1])
        elif found := re.fullmatch(rf"Started a compilation timeout timer of {_COUNT} seconds\.", line):
            self.log = replace(log, timeout_seconds=int(found[1]))
        elif found := re.fullmatch(rf"Model(?:s|\(s\))? compiled successfully in {_COUNT} ms[.!]", line):
            self.log = replace(log, milliseconds=log.milliseconds + int(found[1]))
        elif re.fullmatch(r"Compilation succeeded!", line):
            self.log = replace(log, succeeded=log.succeeded + 1)
        elif re.fullmatch(r"Compilation failed!", line):
            self.log = replace(log, failed=log.failed + 1)
        elif found := re.fullmatch(rf"Try to compile segment with {_COUNT} ops", line):
            self.log = replace(log, tried=(*log.tried, int(found[1])))
        elif found := re.fullmatch(r"Intermediate tensors: (.+)", line):
            self.log = replace(log, intermediate_tensors=tuple(found[1].split(",")))
        else:
            return False
        return True

    def _field(self, line: str) -> bool:
        name, colon, text = line.partition(":")
        text = text.strip()
        if not colon or not text:
            return False
        if name in _INPUTS:
            if self.model.input is not None:
                self.done.append(self.model)
                self.model = ModelLog()
            return self._set("input", text)
        for names, read in ((_NAMES, _text), (_SIZES, parse_size), (_NUMBERS, _number)):
            if name in names:
                return self._set(names[name], read(text))
        return False

    def _set(self, attribute: str, value: object) -> bool:
        if value is None or getattr(self.model, attribute) is not None:
            return False
        self.model = replace(self.model, **{attribute: value})  # type: ignore[arg-type]
        return True

    def _operator(self, line: str) -> bool:
        found = re.fullmatch(rf"([A-Za-z][A-Za-z0-9_]*)\s+{_COUNT}\s+(\S.*)", line)
        if found is None:
            return False
        row = OperatorCount(found[1], int(found[2]), found[3])
        self.model = replace(self.model, operators=(*self.model.operators, row))
        # with a status that nobody knows it counts as not mapped, and is reported
        return row.status in STATUSES or row.status.startswith(RANK)


def _text(text: str) -> str | None:
    return text


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(_COUNT, text) else None
