"""Makes trained models smaller: pruning, distillation, clustering, quantization-aware training.

A recipe (``recipe``) lists steps; ``run`` takes a model through them, keeps a checkpoint of each (``checkpoint``), and
says after each what the model would be on the chip (``figures``). What a framework can do is behind ``network``:
``keras`` does all steps, ``torch`` the structural ones. Frameworks are imported inside functions only.
"""

from __future__ import annotations

from tinykit.compress.recipe import Recipe, load_recipe
from tinykit.compress.result import Compression, Stage
from tinykit.compress.run import compress

__all__ = ["Compression", "Recipe", "Stage", "compress", "load_recipe"]
