"""Public models by name: what they are, where they are from, and a verified copy on this computer."""

from tinykit.catalog.loader import find_model, load_catalog
from tinykit.catalog.model import CatalogModel
from tinykit.catalog.places import Copy, find_copy
from tinykit.catalog.pull import pull, require_copy

__all__ = ["CatalogModel", "Copy", "find_copy", "find_model", "load_catalog", "pull", "require_copy"]
