"""What a test of a model on a board found. docs/reports.md describes the JSON form key by key."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tinykit.compiler.patches import PatchedStage
from tinykit.hil.report.estimated import Estimate
from tinykit.hil.report.used_energy import Energy

SCHEMA = 1


@dataclass(frozen=True)
class ModelFacts:
    """``file_bytes``: of the .tflite file. ``macs``: multiply-accumulates per inference."""

    name: str
    sha256: str
    file_bytes: int
    macs: int


@dataclass(frozen=True)
class Build:
    id: str
    compiler: str
    flags: str
    tinykit: str


@dataclass(frozen=True)
class Buffer:
    """A piece of the arena: where, and between which steps (inclusive) its contents matter."""

    name: str
    offset: int
    size: int
    first: int
    last: int


@dataclass(frozen=True)
class Memory:
    """Bytes.

    Attributes:
        flash: all that the firmware occupies: code + weights + tables.
        code: program, agent and start-up code included.
        weights: the model's weights, biases and look-up tables; ``tables`` its requantization and index tables.
        arena: the model's working memory; ``arena_lower_bound`` is what no plan of this schedule can go below,
            None where the plan is not tinykit's.
        static_ram: .data + .bss, the arena included, the stack not.
        stack: high-water mark, None where it cannot be measured (the host); ``stack_reserved`` what is set aside.
        flash_available, ram_available: of the board, None for the host.
    """

    flash: int
    code: int
    weights: int
    tables: int
    arena: int
    arena_lower_bound: int | None
    static_ram: int
    stack: int | None
    stack_reserved: int
    flash_available: int | None
    ram_available: int | None
    buffers: tuple[Buffer, ...] = ()


@dataclass(frozen=True)
class Layer:
    """One layer in one profiled inference.

    Attributes:
        value: in the latency's unit; ``share`` of the sum of all layers.
        output_crc: CRC-32 of its output for the last sample, hexadecimal; None where the device cannot tell.
    """

    index: int
    label: str
    kernel: str
    variant: str
    macs: int
    value: float
    share: float
    output_crc: str | None = None


@dataclass(frozen=True)
class Latency:
    """Time of single inferences. ``source`` says what counted; figures of different units are never comparable.

    ``jitter`` is the standard deviation; ``layer_overhead`` what timing a layer takes, measured on the device and
    subtracted from each of ``layers``.
    """

    unit: str
    source: str
    n: int
    warmups: int
    p50: float
    p95: float
    p99: float
    min: float
    max: float
    layers: tuple[Layer, ...] = ()
    jitter: float = 0.0
    layer_overhead: float = 0.0


@dataclass(frozen=True)
class Mismatch:
    """One output element that differs."""

    sample: int
    output: int
    element: int
    device: float
    host: float


@dataclass(frozen=True)
class OtherHost:
    """Another interpreter on the host, for comparison only.

    Attributes:
        name: package and version.
        identical: samples whose outputs the device gives as well, in the sense of ``Accuracy.identical``.
        score: its value of the metric, None where there is none.
    """

    name: str
    identical: int
    score: float | None


@dataclass(frozen=True)
class Accuracy:
    """Outputs against the labels and against the host.

    Attributes:
        metric: "top1" (share of samples for which no output is larger than the label's, as TensorFlow's in_top_k
            counts ties, which int8 outputs do have), "mse" (mean squared error of output against input, for
            autoencoders), "auc" (area under the ROC curve of that error as a sign of anomaly, with boolean labels),
            or None when the data allow none of them.
        ties: samples whose largest output is not the only one as large.
        device, host: the metric's value; None when it cannot be computed.
        n: samples.
        identical: samples whose outputs all equal the host's (integers bit for bit, floats within ``tolerance`` of
            max(1, |host|)); None when there is no reference.
        mismatches: samples that do not.
        reference: what ran on the host.
        litert: the same samples in LiteRT, which rounds some operators otherwise; None where it is not installed.
        required: what ``device`` must at least be; None when nothing was demanded.
        outputs_sha256: of the bytes of all outputs: of the first output for all samples, then of the next.
    """

    metric: str | None
    device: float | None
    host: float | None
    n: int
    identical: int | None
    mismatches: int | None
    reference: str | None
    tolerance: float
    data: str
    data_sha256: str | None
    ties: int | None = None
    examples: tuple[Mismatch, ...] = ()
    confusion: tuple[tuple[int, ...], ...] | None = None
    litert: OtherHost | None = None
    required: float | None = None
    outputs_sha256: str | None = None


@dataclass(frozen=True)
class LinkUse:
    requests: int
    retries: int
    crc_errors: int


@dataclass(frozen=True)
class Report:
    """Everything that was found. ``failures`` is empty exactly when ``result`` is "pass"; ``patches`` is None where
    no stage of the network is computed in patches."""

    model: ModelFacts
    board: str
    board_title: str
    engine: str
    build: Build
    memory: Memory
    latency: Latency
    accuracy: Accuracy
    link: LinkUse
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    baseline: dict[str, Any] | None = field(default=None)
    patches: PatchedStage | None = None
    estimate: Estimate | None = None
    energy: Energy | None = None

    @property
    def result(self) -> Literal["pass", "fail"]:
        return "fail" if self.failures else "pass"

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"schema": SCHEMA, "result": self.result, **asdict(self)}
