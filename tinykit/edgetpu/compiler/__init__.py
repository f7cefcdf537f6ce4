"""Coral's own compiler, driven: it is found, run, its log read, its result held against the prediction."""
