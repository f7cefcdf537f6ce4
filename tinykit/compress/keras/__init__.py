"""Keras 3 models (backend TensorFlow): all steps."""

from __future__ import annotations
