"""Parts that tests share: a builder of small .tflite files, the oracle, and a runner of compiled models.

from support.check import check_op
from support.tflite_builder import ModelBuilder
"""
