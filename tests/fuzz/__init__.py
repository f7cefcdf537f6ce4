"""Fuzzers: of the reader and the compiler on any bytes, and of compiled graphs against TFLite-Micro. `make fuzz`."""
