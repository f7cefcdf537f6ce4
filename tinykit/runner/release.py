"""A release: one folder with all that a runner needs to run, and ``release.json`` that says what."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tinykit.errors import InputError

RELEASE_FILE = "release.json"
RUNNER_FILE = "runner.pyz"


@dataclass(frozen=True)
class ModelPackage:
    """What a compiled model says of itself.

    Attributes:
        min_runtime: the lowest version of libedgetpu's runtime that runs it.
        tokens: parameter caching tokens; models that share one were compiled together.
        cached_bytes: parameters that stay on the chip.
        streamed_bytes: parameters that come to it for each inference.
    """

    min_runtime: int
    tokens: tuple[int, ...]
    cached_bytes: int
    streamed_bytes: int


@dataclass(frozen=True)
class ModelEntry:
    """One model, or one segment of a pipeline.

    Attributes:
        file: in the release.
        sha256: of that file.
        device: which Edge TPU it is for ("usb", "usb:0", "pci:1"); None: not on one.
        package: of a model that was compiled for the Edge TPU.
    """

    file: str
    sha256: str
    nbytes: int
    device: str | None = None
    package: ModelPackage | None = None


@dataclass(frozen=True)
class Release:
    """What runs, and how it is reached.

    Attributes:
        name: of the deployment; several run on one board side by side.
        build_id: 32 hexadecimal digits over everything else, the files' contents included.
        engine: "litert", "edgetpu" or "library".
        models: in the order of a pipeline.
        model_sha256: of the model that the user gave; of a pipeline's the first segment.
        library: the compiled model, for engine "library".
        delegate: the Edge TPU's runtime, a shared library, for engine "edgetpu".
        cpu_fallback: whether the model may run on the CPU where the delegate cannot be had.
        listen, port: TCP address.
        serial, baud: a serial port beside it.
        requirements: for pip.
        files: sha256 of every file of the release but release.json.
    """

    name: str
    build_id: str
    board: str
    engine: str
    model_name: str
    model_sha256: str
    models: tuple[ModelEntry, ...]
    port: int
    listen: str = "127.0.0.1"
    library: str | None = None
    delegate: str | None = None
    cpu_fallback: bool = False
    threads: int = 1
    serial: str | None = None
    baud: int = 115200
    max_payload: int = 4096
    requirements: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where it listens, for people."""
        return f"[{self.listen}]:{self.port}" if ":" in self.listen else f"{self.listen}:{self.port}"


def build_id_of(release: Release) -> str:
    """The build id that a release of these contents has."""
    value = {**asdict(release), "build_id": ""}
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def release_text(release: Release) -> str:
    """release.json."""
    return json.dumps(asdict(release), indent=2) + "\n"


def parse_release(text: str | bytes, where: str) -> Release:
    """The release that a release.json describes.

    Raises:
        InputError: it does not describe one.
    """
    try:
        value: dict[str, Any] = json.loads(text)
        value["models"] = tuple(_entry(**entry) for entry in value["models"])
        value["requirements"] = tuple(value["requirements"])
        release = Release(**value)
        if build_id_of(release) != release.build_id:
            raise ValueError("its build id is not that of its contents")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError("wrong release", where=where, why=str(error), hint="deploy again") from None
    return release


def _entry(*, package: Mapping[str, Any] | None, **rest: Any) -> ModelEntry:
    if package is None:
        return ModelEntry(**rest)
    return ModelEntry(**rest, package=ModelPackage(**{**package, "tokens": tuple(package["tokens"])}))


def load_release(folder: Path) -> Release:
    """The release in a folder.

    Raises:
        InputError: there is none, or a damaged one.
    """
    path = folder / RELEASE_FILE
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError("no release", where=str(path), why=error.strerror or str(error), hint="deploy again") from None
    return parse_release(text, str(path))
