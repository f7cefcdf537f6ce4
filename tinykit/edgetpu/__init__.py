"""Edge TPU: what of a model its compiler maps (``check``), that compiler driven, what compiled models hold."""
