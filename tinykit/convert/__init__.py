"""From a trained model of any framework to the right small .tflite, with the proof that it is still right.

Front ends (one module for each framework) give a ``FloatModel``; ``quantize`` makes it small, ``analysis`` and
``evaluation`` say what that cost, ``auto`` looks for the smallest that keeps the accuracy. Frameworks are imported
inside the functions that need them, never at the top of a module.
"""

from __future__ import annotations

from tinykit.convert.model import FloatModel
from tinykit.convert.options import ConvertOptions, Quantize, Target
from tinykit.convert.result import Conversion
from tinykit.convert.run import convert
from tinykit.convert.sources import load_source

__all__ = ["Conversion", "ConvertOptions", "FloatModel", "Quantize", "Target", "convert", "load_source"]
