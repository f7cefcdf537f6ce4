"""Generators of random models, a module for each operator or family; all modules here are found by their presence."""
