"""Variants for Arm cores without DSP extension and long multiplication: Armv6-M and Armv8-M Baseline."""
