"""Kernels for 32-bit RISC-V cores with multiplication (rv32im and more): every instruction counts one."""
