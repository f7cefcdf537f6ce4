"""tinykit: from a trained model to proven microcontroller firmware."""

__version__ = "0.1.0"
