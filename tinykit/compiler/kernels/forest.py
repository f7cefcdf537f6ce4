"""TINYKIT_FOREST: decision trees, the operator of ours that graph/forest.py defines."""

from __future__ import annotations

from tinykit.compiler.kernels.base import ConstArray, In, KernelCall, LowerContext, Lowered, Out, Refusal, lowers
from tinykit.compiler.kernels.checks import int8_quantization
from tinykit.graph.forest import FOREST, forest_of
from tinykit.graph.types import DType, Op


@lowers(
    FOREST,
    takes="trees that `tinykit convert` made of scikit-learn's; what TFLite-Micro does not have is identical to "
    "its definition in NumPy (`tinykit/graph/forest.py`)",
    refuses={"trees that are not as they are defined": "convert the estimator again"},
    float_exact=True,
)
def lower_forest(ctx: LowerContext, op: Op) -> Lowered:
    """Its constants are laid out as the kernels read them."""
    try:
        forest = forest_of(ctx.graph, op)
    except ValueError as error:
        raise Refusal(str(error), "convert the estimator again") from None
    integers = ctx.graph.output(op).dtype is DType.INT8
    if integers:
        int8_quantization(ctx.graph.tensor(op.inputs[0]))
        int8_quantization(ctx.graph.output(op))
    ctype = "int8_t" if integers else "float"
    width = forest.leaves.shape[1]
    call = KernelCall(
        "tk_forest_s8" if integers else "tk_forest_f32",
        {
            "trees": len(forest.roots),
            "values": width,
            "roots": ConstArray("int32_t", forest.roots, "tables"),
            "features": ConstArray("int16_t", forest.features),
            "thresholds": ConstArray(ctype, forest.thresholds),
            "children": ConstArray("int16_t", forest.children),
            "leaves": ConstArray(ctype, forest.leaves),
        },
        (In(op.inputs[0]), Out(op.outputs[0])),
        scratch=4 * width if integers else None,
    )
    return Lowered((call,))
