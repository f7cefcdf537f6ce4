"""Kernels for cores with Helium, the M-profile vector extension (Cortex-M55, M85)."""
