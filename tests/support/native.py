"""Compiles a model with tinykit, builds it with the host's compiler and runs it on samples.

The build is one small executable per model that reads all samples from stdin and writes all outputs to stdout, so
a sanitizer's report or a crash reaches the test as an error with its text, never as a dead test process. Objects of
kernels are kept for the session: a further model costs the compilation of its own model.c and a link.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from support.machines import Machine
from tinykit.compiler import CompiledModel, Target, compile_graph
from tinykit.compiler.choice import Optimize
from tinykit.compiler.patches import Patches
from tinykit.firmware.library import write_sources
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Tensor
from tinykit.resources import data_dir

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")
SANITIZE = ("-fsanitize=undefined,address", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")

_SLOWEST = 1200
"""Seconds for a compiler. The first time that zig links for a machine it builds a C library, which takes minutes."""


class NativeError(AssertionError):
    """The generated C did not compile, or the program crashed or was stopped by a sanitizer; the text says why."""


def run_compiled(
    tflite: bytes,
    inputs: Sequence[np.ndarray],
    *,
    cc: str = "gcc",
    opt: str = "-O2",
    sanitize: bool = True,
    target: Target | None = None,
    optimize: Optimize = "speed",
    patches: Patches = "off",
    machine: Machine | None = None,
) -> list[np.ndarray]:
    """Outputs of the compiled model, one array per model output with a leading axis of samples.

    Args:
        inputs: one array per model input, leading axis = samples, in the input's own type.
        optimize: "speed" tries what is made for a core.
        machine: instead of this computer and ``cc``, ``sanitize`` and ``target``.

    Raises:
        TinykitError: when tinykit refuses the model.
        NativeError: when the C does not compile without warnings, or crashes.
    """
    compiled = compile_bytes(tflite, machine.target if machine else target, optimize, patches)
    return run_model(compiled, inputs, cc=cc, opt=opt, sanitize=sanitize, machine=machine)


def run_model(
    compiled: CompiledModel,
    inputs: Sequence[np.ndarray],
    *,
    cc: str = "gcc",
    opt: str = "-O2",
    sanitize: bool = True,
    machine: Machine | None = None,
) -> list[np.ndarray]:
    """The same of a model that was compiled before.

    Raises:
        NativeError: when the C does not compile without warnings, or crashes.
    """
    command: tuple[str, ...] = (cc,)
    if machine is not None:
        command, sanitize = machine.cc, False
    graph = compiled.graph
    ins = [graph.tensor(i) for i in graph.inputs]
    outs = [graph.tensor(i) for i in graph.outputs]
    with tempfile.TemporaryDirectory(prefix="tinykit-native-") as temporary:
        folder = Path(temporary)
        written = write_sources(compiled, folder)
        (folder / "driver.c").write_text(_driver(compiled.name, ins, outs))
        program = folder / "program"
        _build(command, opt, sanitize, written, folder, program, machine.link_arguments if machine else ())
        return _run([*(machine.emulator if machine else ()), str(program)], inputs, ins, outs)


def compile_bytes(
    tflite: bytes, target: Target | None = None, optimize: Optimize = "speed", patches: Patches = "off"
) -> CompiledModel:
    """A model that is not in a file, compiled.

    Raises:
        TinykitError: when tinykit refuses it.
    """
    graph = parse_model(tflite, name="model", where="model")
    return compile_graph(graph, target, optimize=optimize, patches=patches)


def _driver(name: str, ins: Sequence[Tensor], outs: Sequence[Tensor]) -> str:
    def ports(tensors: Sequence[Tensor]) -> list[tuple[str, int]]:
        return [(str(i) if len(tensors) > 1 else "", t.nbytes) for i, t in enumerate(tensors)]

    reads = "".join(
        f"        if (fread({name}_input{i}(), 1, {n}, stdin) != {n}) {{ return 0; }}\n" for i, n in ports(ins)
    )
    writes = "".join(f"        fwrite({name}_output{i}(), 1, {n}, stdout);\n" for i, n in ports(outs))
    nulls = ", ".join(["NULL"] * (len(ins) + len(outs)))
    return f"""#include <stdio.h>
#include <stdlib.h>
#include "model.c" /* one run of the compiler instead of two */
int main(void)
{{
    /* On the heap, exactly as large as promised: the address sanitizer sees one byte too many. */
    void *arena = aligned_alloc(16, ({name.upper()}_ARENA_BYTES + 15u) / 16u * 16u);
    if (arena == NULL || {name}_init(arena) != 0) return 3;
    for (;;) {{
{reads}        {name}_run({nulls});
{writes}    }}
}}
"""


def _build(
    cc: Sequence[str],
    opt: str,
    sanitize: bool,
    files: Sequence[Path],
    folder: Path,
    program: Path,
    link: Sequence[str],
) -> None:
    flags = flags_of(opt, sanitize)
    # aligned_alloc is C11; the driver is no generated code, but is compiled in the same command as model.c.
    compile_c([*cc, *flags, "-D_ISOC11_SOURCE", "-I.", "-c", "driver.c", "-o", "driver.o"], folder)
    objects = ["driver.o", *kernel_objects(cc, flags, (f for f in files if f.name != "model.c"), folder)]
    compile_c([*cc, *flags, *objects, *link, "-lm", "-o", str(program)], folder)


def flags_of(opt: str, sanitize: bool) -> tuple[str, ...]:
    """Warnings are errors."""
    return (opt, *WARNINGS, *(SANITIZE if sanitize else ()))


def kernel_objects(cc: Sequence[str], flags: tuple[str, ...], files: Iterable[Path], folder: Path) -> list[str]:
    """Paths of the objects of those of ``files`` (all in ``folder``) that are C or assembly; kept for the session.

    Raises:
        NativeError: when one does not compile without warnings.
    """
    objects = []
    for file in files:
        if file.suffix not in (".c", ".S"):
            continue
        # A kernel depends on the runtime's headers only, never on model.h.
        key = hashlib.sha256(repr((*cc, flags, _runtime_headers(), file.read_bytes())).encode()).hexdigest()
        kept = _kept() / f"{file.stem}-{key[:24]}.o"
        if not kept.exists():
            fresh = kept.with_suffix(f".{os.getpid()}.tmp")
            compile_c([*cc, *flags, "-I.", "-c", str(file.relative_to(folder)), "-o", str(fresh)], folder)
            fresh.replace(kept)
        objects.append(str(kept))
    return objects


@functools.lru_cache(maxsize=1)
def _runtime_headers() -> str:
    digest = hashlib.sha256()
    for header in sorted((data_dir("firmware_templates") / "runtime").rglob("*.h")):
        digest.update(header.name.encode() + header.read_bytes())
    return digest.hexdigest()


@functools.lru_cache(maxsize=1)
def _kept() -> Path:
    path = Path(tempfile.mkdtemp(prefix="tinykit-objects-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def compile_c(command: list[str], folder: Path) -> None:
    """In the folder, so that no argument names it: ccache knows a file again that another run compiled elsewhere.

    Raises:
        NativeError: when the command fails.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SLOWEST)
    if done.returncode != 0:
        raise NativeError(f"{' '.join(command)}\n{done.stderr[-4000:]}")


def _run(
    command: Sequence[str], inputs: Sequence[np.ndarray], ins: Sequence[Tensor], outs: Sequence[Tensor]
) -> list[np.ndarray]:
    samples = len(inputs[0])
    done = subprocess.run(command, input=packed(inputs, ins, samples), capture_output=True, timeout=300)
    if done.returncode != 0:
        raise NativeError(f"exit status {done.returncode}\n{done.stderr.decode(errors='replace')[-4000:]}")
    return unpacked(done.stdout, outs, samples)


def packed(inputs: Sequence[np.ndarray], ins: Sequence[Tensor], samples: int) -> bytes:
    """What a program reads: sample by sample, all inputs of each."""
    if len(inputs) != len(ins):
        raise ValueError(f"the model has {len(ins)} inputs, got {len(inputs)} arrays")
    columns = [np.zeros((samples, 0), np.uint8)]
    for tensor, values in zip(ins, inputs, strict=True):
        if values.dtype != tensor.dtype.numpy or values.shape != (samples, *tensor.shape):
            raise ValueError(f"{tensor.name}: got {values.dtype} {values.shape}, wants samples of {tensor.shape}")
        columns.append(np.ascontiguousarray(values).reshape(samples, -1).view(np.uint8))
    return np.concatenate(columns, axis=1).tobytes()


def unpacked(written: bytes, outs: Sequence[Tensor], samples: int) -> list[np.ndarray]:
    """The outputs in what it wrote, each with a leading axis of samples."""
    table = np.frombuffer(written, np.uint8).reshape(samples, -1)
    results, at = [], 0
    for tensor in outs:
        part = np.ascontiguousarray(table[:, at : at + tensor.nbytes])
        results.append(part.view(tensor.dtype.numpy).reshape(samples, *tensor.shape))
        at += tensor.nbytes
    return results
