"""Engine ``tflm``: the model as it is, run on the device by TFLite-Micro's interpreter.

TFLite-Micro itself comes from the user: a checkout of it, or the tree that its own create_tflm_tree.py makes.
"""

from __future__ import annotations

from tinykit.firmware.tflm.project import render_tflm_project

__all__ = ["render_tflm_project"]
