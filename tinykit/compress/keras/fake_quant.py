"""A Keras layer that rounds activations as int8 will."""

from __future__ import annotations

import functools
from typing import Any

from tinykit.convert.keras import load_tensorflow


@functools.cache
def fake_quant_class() -> Any:
    """The class ``FakeQuant``; made when it is asked for, since its base needs Keras.

    Its output is its input on the grid of int8 that covers ``low`` to ``high`` (both weights, both widened to hold 0,
    as TFLite's quantization specification asks). In training both follow the extremes of the batches by ``rate``,
    a weight that training lets fall to 0.
    """
    tensorflow, keras = load_tensorflow("Keras models")
    base: Any = keras.layers.Layer

    @keras.saving.register_keras_serializable("tinykit", "FakeQuant")
    class FakeQuant(base):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            def scalar(name: str) -> Any:
                return self.add_weight(name=name, shape=(), initializer="zeros", trainable=False)

            self.low, self.high, self.rate = scalar("low"), scalar("high"), scalar("rate")

        def call(self, x: Any, training: bool = False) -> Any:
            if training:
                low = tensorflow.minimum(tensorflow.reduce_min(x), 0.0)
                high = tensorflow.maximum(tensorflow.reduce_max(x), 0.0)
                self.low.assign(self.low + self.rate * (low - self.low))
                self.high.assign(self.high + self.rate * (high - self.high))
            # a range of nothing, as behind a layer of zeros, has no grid
            top = tensorflow.maximum(self.high.value, self.low.value + 1e-6)
            return tensorflow.quantization.fake_quant_with_min_max_vars(x, self.low.value, top)

        def compute_output_shape(self, shape: Any) -> Any:
            return shape

    return FakeQuant
