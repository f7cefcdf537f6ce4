"""The arithmetic that stands in for the ESP8266's ROM, against this computer's."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
from collections.abc import Callable

import numpy as np
import pytest

from tinykit.resources import data_dir

F32, F64, I32, U32, I64, U64 = np.float32, np.float64, np.int32, np.uint32, np.int64, np.uint64
_BITS = {F32: ctypes.c_uint32, F64: ctypes.c_uint64, I32: ctypes.c_int32, U32: ctypes.c_uint32,
         I64: ctypes.c_int64, U64: ctypes.c_uint64}  # fmt: skip
_COUNT = 20_000


@pytest.fixture(scope="module")
def rom(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The C files as a library of this computer, with its compiler's checks on."""
    if shutil.which("cc") is None:
        pytest.skip("cc is not installed")
    folder = data_dir("firmware_templates") / "ports" / "lx106_rom"
    library = tmp_path_factory.mktemp("rom") / "rom.so"
    subprocess.run(
        ["cc", "-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-shared", "-fPIC",
         "-fno-builtin", "-Wl,-Bsymbolic", *sorted(map(str, folder.glob("*.c"))), "-o", str(library)],
        check=True,
    )  # fmt: skip
    return ctypes.CDLL(str(library))


def _samples(kind: type, generator: random.Random) -> np.ndarray:
    """Edges, every size of number, and pairs that cancel or tie."""
    if kind in (F32, F64):
        bits, width = (U32, 32) if kind is F32 else (U64, 64)
        edges = [0.0, 1.0, 1.5, 2.0, 3.0, 0.1, 1e-45, 1e-38, 1.1754944e-38, 3.4028235e38, np.inf, np.nan, 2.0**31,
                 2.0**32, 2.0**24 + 1, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308]  # fmt: skip
        with np.errstate(over="ignore"):
            fixed = np.array([*edges, *(-e for e in edges)]).astype(kind)
        raw = np.array([generator.getrandbits(width) for _ in range(_COUNT)], dtype=bits).view(kind)
        near = np.array([generator.uniform(-4, 4) for _ in range(_COUNT)]).astype(kind)
        return np.concatenate([fixed, raw, near])
    information = np.iinfo(kind)
    values = [generator.getrandbits(generator.randint(1, information.bits)) for _ in range(_COUNT)]
    wrapped = np.array(values, dtype=U64).astype(kind)
    return np.concatenate([np.array([0, 1, information.max, information.min], dtype=kind), wrapped])


def _pairs(kind: type) -> tuple[np.ndarray, np.ndarray]:
    generator = random.Random(1)
    left = _samples(kind, generator)
    right = left.copy()
    np.random.default_rng(1).shuffle(right)
    edges = 36 if kind in (F32, F64) else 4
    a, b = np.meshgrid(left[:edges], left[:edges])
    return np.concatenate([left, a.ravel()]), np.concatenate([right, b.ravel()])


def _call(rom: ctypes.CDLL, name: str, result: type, *arguments: np.ndarray) -> np.ndarray:
    function = rom[name]
    function.restype = _BITS[result]
    function.argtypes = [_BITS[argument.dtype.type] for argument in arguments]
    views = [a.view({F32: U32, F64: U64}.get(a.dtype.type, a.dtype.type)).tolist() for a in arguments]
    values = [function(*row) for row in zip(*views, strict=True)]
    carrier = {F32: U32, F64: U64}.get(result, result)
    return np.array(values, dtype=carrier).view(result)


def _same(got: np.ndarray, expected: np.ndarray) -> None:
    if got.dtype.type in (F32, F64):
        assert np.array_equal(np.isnan(got), np.isnan(expected))
        number = ~np.isnan(expected)
        got, expected = got[number], expected[number]
    assert got.tobytes() == expected.tobytes()


@pytest.mark.parametrize("suffix", ["sf3", "df3"])
@pytest.mark.parametrize(
    ("name", "operation"), [("add", np.add), ("sub", np.subtract), ("mul", np.multiply), ("div", np.divide)]
)
def test_floating_point(rom: ctypes.CDLL, name: str, suffix: str, operation: Callable[..., np.ndarray]) -> None:
    if (name, suffix) == ("div", "sf3"):
        pytest.skip("gcc's own library has that one")
    kind = F32 if suffix == "sf3" else F64
    a, b = _pairs(kind)
    with np.errstate(all="ignore"):
        _same(_call(rom, f"__{name}{suffix}", kind, a, b), operation(a, b))


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [("__floatsisf", I32, F32), ("__floatunsisf", U32, F32), ("__floatsidf", I32, F64), ("__floatunsidf", U32, F64),
     ("__extendsfdf2", F32, F64), ("__truncdfsf2", F64, F32)],
)  # fmt: skip
def test_conversions(rom: ctypes.CDLL, name: str, source: type, target: type) -> None:
    values = _samples(source, random.Random(2))
    with np.errstate(all="ignore"):
        _same(_call(rom, name, target, values), values.astype(target))


@pytest.mark.parametrize(
    ("name", "source", "target"), [("__fixdfsi", F64, I32), ("__fixunsdfsi", F64, U32), ("__fixunssfsi", F32, U32)]
)
def test_conversions_to_integers_cut_off_and_saturate(rom: ctypes.CDLL, name: str, source: type, target: type) -> None:
    values = np.concatenate([_samples(source, random.Random(3)), np.linspace(-3e9, 6e9, 9999).astype(source)])
    limits = np.iinfo(target)
    with np.errstate(all="ignore"):
        expected = np.clip(np.nan_to_num(np.trunc(values.astype(F64)), nan=0.0), limits.min, limits.max)
    assert _call(rom, name, target, values).tolist() == expected.astype(I64).tolist()


def test_integers(rom: ctypes.CDLL) -> None:
    with np.errstate(all="ignore"):
        a, b = _pairs(I64)
        _same(_call(rom, "__muldi3", I64, a, b), a * b)
        for kind, bits in ((I32, "si3"), (I64, "di3"), (U32, "si3"), (U64, "di3")):
            a, b = _pairs(kind)
            a, b = a[b != 0], b[b != 0]
            sign = "u" if kind in (U32, U64) else ""
            if sign:
                _same(_call(rom, f"__umod{bits}", kind, a, b), a % b)
                _same(_call(rom, f"__udiv{bits}", kind, a, b), a // b)
            else:
                # towards zero, as C divides
                exact = [
                    abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
                    for x, y in zip(a.tolist(), b.tolist(), strict=True)
                ]
                wrapped = np.array([value & (2**64 - 1) for value in exact], dtype=U64).astype(kind)
                _same(_call(rom, f"__div{bits}", kind, a, b), wrapped)
