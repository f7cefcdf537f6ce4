"""Which operators go to the Edge TPU together.

The compiler is a delegate of TensorFlow Lite, and TensorFlow Lite cuts a graph so
(``PartitionGraphIntoIndependentNodeSubsets`` in lite/graph_info.cc): a subset takes the kind of the first operator that
is ready, one for the delegate or one for the processor, and grows by every operator of that kind whose inputs are
there; then comes the next subset, of the other kind. By default the compiler takes the first subset for the Edge TPU,
so that what follows an operator that is not supported stays on the processor, while branches beside it still go to the
Edge TPU. With -a (--enable_multiple_subgraphs) it takes all.
"""

from __future__ import annotations

from collections.abc import Sequence


def partition(reads: Sequence[Sequence[int]], supported: Sequence[bool], *, multi: bool) -> list[tuple[int, ...]]:
    """Subsets of operators for the Edge TPU.

    Args:
        reads: for each operator, in the order of execution, the operators whose outputs it reads; all of them earlier.
        supported: for each operator, whether the Edge TPU can compute it.
        multi: all subsets; else the first only.

    Returns:
        The subsets, in the order of execution; each is convex (no path leaves it and comes back).
    """
    numbers: list[int] = []
    subsets: dict[int, list[int]] = {}
    for i, sources in enumerate(reads):
        number = max((numbers[j] for j in sources), default=0)
        # Subsets alternate between the two kinds; the first operator is ready, and gives the first one's.
        if (number % 2 == 0) is not (supported[i] is supported[0]):
            number += 1
        numbers.append(number)
        if supported[i]:
            subsets.setdefault(number, []).append(i)
    taken = [tuple(subsets[number]) for number in sorted(subsets)]
    return taken if multi else taken[:1]
