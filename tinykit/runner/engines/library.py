"""A model that tinykit compiled to C, as a shared library, through cffi."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinykit.errors import InputError, ToolMissing
from tinykit.link.info import TensorInfo
from tinykit.runner.engines.base import LayerHook

# firmware_templates/agent/tk_model_info.h, which tests/runner/test_library.py holds it to. But tk_model is not const
# here: cffi takes constants for numbers.
_DECLARATIONS = """
typedef struct {
    const char *name;
    uint8_t dtype;
    uint8_t rank;
    int32_t dims[6];
    float scale;
    int32_t zero_point;
    uint32_t bytes;
} tk_tensor_info;

typedef struct {
    const char *name;
    const char *engine;
    uint8_t sha256[32];
    uint8_t build_id[16];
    uint8_t n_inputs;
    uint8_t n_outputs;
    uint16_t n_layers;
    uint32_t arena_bytes;
    const uint8_t *arena;
    const tk_tensor_info *inputs;
    const tk_tensor_info *outputs;
    int (*init)(void);
    void *(*input)(unsigned i);
    const void *(*output)(unsigned i);
    void (*run)(void);
} tk_model_info;

extern tk_model_info tk_model;
extern void (*tk_layer_hook)(unsigned layer);
"""


class LibraryEngine:
    """The compiled model in ``library``.

    Raises:
        ToolMissing: cffi is not installed.
        InputError: it is no such library, or not for this machine.
    """

    name = "library"
    has_arena = True
    notes: tuple[str, ...] = ()

    def __init__(self, library: Path) -> None:
        try:
            import cffi
        except ImportError as error:
            raise ToolMissing(
                "cffi cannot be imported",
                why=str(error),
                hint="deploy again: a damaged Python environment is made again",
            ) from None
        self._ffi: Any = cffi.FFI()
        self._ffi.cdef(_DECLARATIONS)
        try:
            self._library: Any = self._ffi.dlopen(str(library.resolve()))
            self._model: Any = self._library.tk_model
        except (OSError, AttributeError) as error:
            raise InputError("the compiled model cannot be loaded", where=library.name, why=str(error)) from None
        if self._model.init() != 0:
            raise InputError("the compiled model cannot be initialised", where=library.name)
        self.n_layers = int(self._model.n_layers)
        self.arena_bytes = int(self._model.arena_bytes)
        self.inputs = self._tensors(self._model.inputs, self._model.n_inputs)
        self.outputs = self._tensors(self._model.outputs, self._model.n_outputs)
        self._ran = False

    def run(self, inputs: Sequence[bytes], hook: LayerHook | None = None) -> int:
        for index, data in enumerate(inputs):
            self._ffi.memmove(self._model.input(index), data, len(data))
        called = self._ffi.NULL if hook is None else self._ffi.callback("void(unsigned)", hook)
        self._library.tk_layer_hook = called
        before = time.perf_counter_ns()
        self._model.run()
        ticks = time.perf_counter_ns() - before
        self._library.tk_layer_hook = self._ffi.NULL
        self._ran = True
        return ticks

    def forget(self) -> None:
        self._model.init()  # it did not fail with the same memory

    def output(self, index: int) -> bytes:
        size = self.outputs[index].nbytes
        # before the first inference it is a piece of the arena that nothing was written to yet
        return bytes(self._ffi.buffer(self._model.output(index), size)) if self._ran else bytes(size)

    def arena(self, offset: int, size: int) -> bytes:
        return bytes(self._ffi.buffer(self._model.arena + offset, size))

    def _tensors(self, tensors: Any, count: int) -> tuple[TensorInfo, ...]:
        def text(value: Any) -> str:
            return bytes(self._ffi.string(value)).decode(errors="replace")

        return tuple(
            TensorInfo(
                text(t.name), int(t.dtype), tuple(int(n) for n in t.dims[0 : t.rank]), float(t.scale),
                int(t.zero_point), int(t.bytes),
            )
            for t in tensors[0:count]
        )  # fmt: skip
