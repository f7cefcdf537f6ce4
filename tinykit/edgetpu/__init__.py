"""Edge TPU: what of a model its compiler maps, told from the model alone (``check.check_model``)."""
