"""What Coral's compiler maps to the Edge TPU, and what it refuses: rules, each with its source and how sure it is.

``judge.judge`` applies them to one operator, ``front_end.refusals`` to a whole file.
"""
