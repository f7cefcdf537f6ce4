"""Which files of TFLite-Micro a firmware needs: its framework, and the kernels of the operators that are registered."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tinykit.errors import InputError
from tinykit.firmware.tflm.checkout import MICRO, Checkout
from tinykit.firmware.tflm.operators import Registration

_KERNELS = f"{MICRO}/kernels"

# Folders of which all sources are taken that are no tests, as TFLite-Micro's own Makefile does. Versions differ in
# where they keep what comes from TensorFlow Lite: elsewhere a source is taken when its header is included.
_FRAMEWORK = (
    MICRO,
    f"{MICRO}/arena_allocator",
    f"{MICRO}/memory_planner",
    f"{MICRO}/tflite_bridge",
    "tensorflow/lite/core/api",
    "tensorflow/lite/core/c",
)

# What TFLite-Micro asks of a platform; tflm_platform.cc defines it.
_PLATFORM = {f"{MICRO}/{name}.cc" for name in ("debug_log", "micro_time", "system_setup")}

_NOT_FIRMWARE = re.compile(
    r"_test\.cc$|_test_|/test_|/mock_|/fake_|helper_custom_ops|kernel_runner|/recording_|all_ops_resolver"
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)
_DEFINITION = re.compile(r"^[\w:&*]+[ \t\n]+\*?(Register_\w+)\(\)[ \t\n]*\{", re.MULTILINE)


def collect(checkout: Checkout, operators: Iterable[Registration]) -> tuple[list[str], dict[str, Path]]:
    """The files of TFLite-Micro for a firmware.

    Returns:
        Sources to compile, and all files (headers and licences among them) with where they are: by their path in a
        project's folder ``tflm``.

    Raises:
        InputError: an operator has no kernel in it.
    """
    kernels = _kernels(checkout)
    wanted = {name for name, defined in kernels.items() if not defined}  # what kernels have in common
    for operator in operators:
        wanted.add(_kernel_of(checkout, operator, kernels))
    for folder in _FRAMEWORK:
        wanted |= {_name(checkout, path) for path in (checkout.root / folder).glob("*.cc")}
    wanted = {name for name in wanted if _is_firmware(name)}
    files: dict[str, Path] = {}
    for root in (f"{MICRO}/micro_interpreter.h", f"{MICRO}/micro_mutable_op_resolver.h", *sorted(wanted)):
        _add(checkout, root, files, kernels)
    for licence in checkout.root.glob("LICENSE*"):
        files[licence.name] = licence
    return sorted(name for name in files if name.endswith(".cc")), files


def check_kernels(checkout: Checkout, operators: Iterable[Registration]) -> None:
    """See that a TFLite-Micro has all that a model needs.

    Raises:
        InputError: an operator has no kernel in it.
    """
    kernels = _kernels(checkout)
    for operator in operators:
        _kernel_of(checkout, operator, kernels)


def has_int8(checkout: Checkout, operator: Registration) -> bool:
    """Whether this version can register the operator for int8 alone."""
    if not operator.int8:
        return False
    header = _read(checkout.root / _KERNELS / operator.header)
    resolver = _read(checkout.root / MICRO / "micro_mutable_op_resolver.h")
    takes_one = re.search(rf"\b{operator.method}\(\s*const \w+& \w+", resolver) is not None
    return takes_one and f"{operator.int8}()" in header


def _kernels(checkout: Checkout) -> dict[str, frozenset[str]]:
    """The sources of the reference kernels, each with the registrations that it defines."""
    found = {}
    for path in sorted((checkout.root / _KERNELS).glob("*.cc")):
        found[_name(checkout, path)] = frozenset(_DEFINITION.findall(_read(path)))
    return found


def _kernel_of(checkout: Checkout, operator: Registration, kernels: dict[str, frozenset[str]]) -> str:
    resolver = _read(checkout.root / MICRO / "micro_mutable_op_resolver.h")
    file = next((name for name, defined in kernels.items() if operator.function in defined), None)
    if file is None or f"{operator.method}(" not in resolver:
        missing = (
            f"no {operator.function}() in {_KERNELS}" if file is None else f"no {operator.method}() in its resolver"
        )
        raise InputError(
            f"this version of TFLite-Micro lacks an operator of the model: {operator.method.removeprefix('Add')}",
            where=str(checkout.root),
            why=f"{missing}; a tree made with OPTIMIZED_KERNEL_DIR leaves reference kernels out",
            hint="take a newer version, or make the tree without OPTIMIZED_KERNEL_DIR",
        )
    return file


def _add(checkout: Checkout, root: str, files: dict[str, Path], kernels: Iterable[str]) -> None:
    """Add a file, what it includes, and the sources that belong to included headers. System headers are left out."""
    waiting = [(root, checkout.root / root)]
    while waiting:
        name, path = waiting.pop()
        if name in files:
            continue
        files[name] = path
        source = name.removesuffix(".h") + ".cc"
        # The resolver includes the headers of all kernels; those that are needed are known already.
        if source not in kernels and _is_firmware(source) and (checkout.root / source).is_file():
            waiting.append((source, checkout.root / source))
        for included in _INCLUDE.findall(_read(path)):
            found = _header(checkout, PurePosixPath(name), path, included)
            if found is not None:
                waiting.append(found)


def _is_firmware(name: str) -> bool:
    return name not in _PLATFORM and not _NOT_FIRMWARE.search(name)


def _header(checkout: Checkout, name: PurePosixPath, path: Path, included: str) -> tuple[str, Path] | None:
    # gemmlowp's headers include others as "../internal/...": in the project they are in the same place.
    beside, name_beside = path.parent / included, posixpath.normpath(name.parent / included)
    if beside.is_file() and not name_beside.startswith(("../", "/")):
        return name_beside, beside
    if ".." in PurePosixPath(included).parts:
        return None
    for folder, place in checkout.folders.items():
        if (place / included).is_file():
            return str(PurePosixPath(folder) / included), place / included
    return None


def _name(checkout: Checkout, path: Path) -> str:
    return path.relative_to(checkout.root).as_posix()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
