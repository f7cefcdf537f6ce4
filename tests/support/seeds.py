"""How many random cases the long tests try: an eighth of what there is, unless TINYKIT_SEEDS says otherwise.

TINYKIT_SEEDS=1 pytest -m slow tests/compiler      # all of them, for who changed a kernel
"""

from __future__ import annotations

import math
import os

SHARE = float(os.environ.get("TINYKIT_SEEDS", "0.125"))


def many(first: int, end: int) -> range:
    """The seeds from ``first`` on, a share of those before ``end``."""
    return range(first, first + math.ceil((end - first) * SHARE))
