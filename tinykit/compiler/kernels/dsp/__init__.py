"""Kernels for Arm cores with the DSP extension (Cortex-M4, M7, M33): two multiply-accumulates of 16 bits at a time."""
