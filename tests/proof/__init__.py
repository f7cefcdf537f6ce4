"""The proof of every operator: random models of one operator, compiled, against TFLite-Micro."""
