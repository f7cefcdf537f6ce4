"""Cycles, estimated: an emulator's trace of the instructions that ran, and what each costs on a core."""
