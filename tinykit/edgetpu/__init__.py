"""The Edge TPU: which operators of a model it takes, its compiler, and what compiled files hold."""
