"""Builds small files in the form that the Edge TPU's compiler writes. No chip could run them: they hold no program.

    data = compiled([package([executable("PARAMETER_CACHING", parameters=b"..."), executable("EXECUTION_ONLY")])])

The form is that of google-coral/libedgetpu's executable.fbs; the numbers here are the places of its fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flatbuffers
from flatbuffers import flexbuffers

from support.flatbuffer_builder import offsets, table
from support.tflite_builder import ModelBuilder

TYPES = {"STAND_ALONE": 0, "PARAMETER_CACHING": 1, "EXECUTION_ONLY": 2}


def _layer(b: flatbuffers.Builder, name: str, shape: tuple[int, int, int], dtype: int) -> int:
    text = b.CreateString(name)
    numerics = table(b, {0: ("Int32", 128), 1: ("Float32", 0.5)})
    b.StartVector(8, 4, 4)
    for n in reversed((1, *shape)):
        b.Prep(4, 8)
        b.PrependInt32(n - 1)
        b.PrependInt32(0)
    ranges = b.EndVector()
    dimensions = table(b, {0: ("offset", ranges)})
    y, x, z = shape
    return table(
        b,
        {
            0: ("offset", text), 1: ("Int32", y * x * z), 2: ("Int32", y), 3: ("Int32", x), 4: ("Int32", z),
            5: ("offset", numerics), 6: ("Int16", dtype), 11: ("offset", dimensions),
        },
    )  # fmt: skip


def executable(
    kind: str | int,
    *,
    token: int = 0x1122334455667788,
    parameters: bytes = b"",
    instructions: Sequence[bytes] = (b"\x01" * 16,),
    inputs: Sequence[str] = ("in",),
    outputs: Sequence[str] = ("out",),
    cycles: int = 0,
    dtype: int = 8,
) -> bytes:
    """An executable with layers of 4 x 4 x 3; ``kind`` is a name of the schema, or any number."""
    b = flatbuffers.Builder(256)
    streams = [table(b, {0: ("offset", b.CreateByteVector(stream))}) for stream in instructions]
    meta = table(b, {0: ("Int16", 2)})
    transfer = table(b, {0: ("offset", meta), 1: ("Int32", 0), 2: ("Int32", len(parameters))})
    hints = [table(b, {0: ("Uint8", 1), 1: ("offset", transfer)}), table(b, {0: ("Uint8", 3)})]
    dma = table(b, {0: ("offset", offsets(b, hints))})
    layers = [offsets(b, [_layer(b, name, (4, 4, 3), dtype) for name in names]) for names in (inputs, outputs)]
    root = table(
        b,
        {
            1: ("offset", b.CreateString("model")), 3: ("Int32", 1), 4: ("Int32", 64),
            5: ("offset", offsets(b, streams)), 6: ("offset", b.CreateByteVector(parameters)), 7: ("offset", dma),
            8: ("offset", layers[0]), 9: ("offset", layers[1]), 10: ("offset", b.CreateString("beagle")),
            12: ("Int32", 832), 13: ("Int16", TYPES.get(str(kind), kind)), 14: ("Uint64", token),
            16: ("Int64", cycles),
        },
    )  # fmt: skip
    b.Finish(root)
    return bytes(b.Output())


def package(
    executables: Sequence[bytes],
    *,
    min_runtime: int = 14,
    compiler: str = "cl/1234",
    virtual_chip: int = 0,
    chips: Sequence[bytes] = (),
) -> bytes:
    """A package; ``chips`` are packages inside it, as one of several chips has them."""
    multi = flatbuffers.Builder(256)
    multi.Finish(table(multi, {0: ("offset", offsets(multi, [_bytes(multi, e) for e in executables]))}))
    b = flatbuffers.Builder(256)
    inside = [table(b, {0: ("offset", b.CreateByteVector(chip))}) for chip in chips]
    fields: dict[int, tuple[str, Any]] = {
        0: ("Int32", min_runtime),
        1: ("offset", b.CreateByteVector(bytes(multi.Output()))),
        4: ("offset", b.CreateString(compiler)),
        5: ("Int32", virtual_chip),
    }
    if inside:
        fields[6] = ("offset", offsets(b, inside))
    b.Finish(table(b, fields), b"DWN1")
    return bytes(b.Output())


def _bytes(b: flatbuffers.Builder, data: bytes) -> int:
    return int(b.CreateString(_Raw(data)))


class _Raw(bytes):
    """Bytes that builders take for text, as the compiler puts packages into strings."""

    def encode(self, *_: object) -> bytes:
        return bytes(self)


def options(packages: Sequence[bytes], chips: Sequence[int] = (18,)) -> bytes:
    """An operator's options; without ``chips`` in the form of older compilers."""
    b = flexbuffers.Builder()
    with b.Map():
        b.Int("1", 0)
        b.Key("4")
        b.String(_Raw(packages[0]))
        b.Int("5", -1)
        if chips:
            with b.Vector("6"):
                for chip in chips:
                    b.Int(chip)
            with b.Vector("7"):
                for other in packages[1:]:
                    b.String(_Raw(other))
    return bytes(b.Finish())


def compiled(operators: Sequence[bytes], *, tail: bool = False, names: Sequence[str] = ()) -> bytes:
    """A .tflite in which one operator for each of these options follows the other, and a LOGISTIC if ``tail``.

    ``names`` are those of the model's input, of the tensors between, and of its output.
    """
    count = len(operators) + tail
    names = names or ["in", *(f"t{i}" for i in range(count - 1)), "out"]
    m = ModelBuilder("EdgeTpu CustomOp Model.")
    affine: dict[str, Any] = {"scale": 0.5, "zero_point": 0}
    last = m.input((1, 4, 4, 3), "int8", name=names[0], **affine)
    for i in range(count):
        make = m.output if i == count - 1 else m.tensor
        target = make((1, 4, 4, 3), "int8", name=names[i + 1], **affine)
        if i < len(operators):
            m.op("CUSTOM", [last], [target], custom_code="edgetpu-custom-op", custom_options=operators[i])
        else:
            m.op("LOGISTIC", [last], [target])
        last = target
    return m.build()


def small(**changes: Any) -> bytes:
    """The usual file: 192 cached and 48 streamed bytes of parameters."""
    token = changes.pop("token", 0x1122334455667788)
    both = [
        executable("EXECUTION_ONLY", parameters=b"\x02" * 48, token=token),
        executable("PARAMETER_CACHING", parameters=b"\x03" * 192, token=token, inputs=(), outputs=()),
    ]
    names = changes.pop("names", ())
    return compiled([options([package(both, **changes)])], names=names)
