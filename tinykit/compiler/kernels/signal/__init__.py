"""Lowerings of TFLite-Micro's signal library: custom operators of audio front ends."""
