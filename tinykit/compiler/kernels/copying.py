"""A whole value, or a state, copied."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, Out, State


def copy_call(source: In | State, target: Out | State, nbytes: int) -> KernelCall:
    """The call that copies ``nbytes`` bytes; nothing is done if the target may be where the source is."""
    in_place = ((source.tensor, target.tensor),) if isinstance(source, In) and isinstance(target, Out) else ()
    return KernelCall("tk_copy", {"bytes": nbytes}, (source, target), in_place=in_place)
