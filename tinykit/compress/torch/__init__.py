"""PyTorch modules: structural pruning, training, distillation."""

from __future__ import annotations
