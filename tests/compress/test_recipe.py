"""Recipes that are wrong are refused with the field and what it may be; no framework is needed for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.compress import load_recipe
from tinykit.errors import InputError

HEAD = 'source = "m.keras"\ntrain = "a.npz"\ntest = "b.npz"\n'
INT8 = '[[step]]\nkind = "int8"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "r.toml"
    path.write_text(text)
    return path


def test_fields_have_their_defaults(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, HEAD + '[[step]]\nkind = "channels"\nremove = 0.5\n' + INT8))
    channels = recipe.step[0]
    assert channels.kind == "channels"
    assert (channels.remove, channels.scope, channels.criterion, channels.epochs) == (0.5, "layer", "l2", 10)
    assert recipe.board is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["source: missing", "step: missing"]),
        (HEAD + "step = []\n", ["step", "must not be empty"]),
        (HEAD + "x = 1\n" + INT8, ["field x: not a field of a recipe"]),
        (HEAD + '[[step]]\nkind = "shrink"\n', ["step[1].kind", "'channels', 'prune'", "'shrink'"]),
        (HEAD + "[[step]]\nepochs = 3\n", ["step[1].kind: missing"]),
        (HEAD + INT8 + '[[step]]\nkind = "train"\n', ["step 1 is int8", "last"]),
        (HEAD + '[[step]]\nkind = "qat"\n[[step]]\nkind = "channels"\nremove = 0.5\n', ["step 1 is qat", "channels"]),
        (HEAD + '[[step]]\nkind = "channels"\n', ["field step[1].remove: missing"]),
        (HEAD + '[[step]]\nkind = "channels"\nremove = 1.0\n', ["step[1].remove", "less than 1"]),
        (HEAD + '[[step]]\nkind = "channels"\nremove = nan\n', ["step[1].remove"]),
        (HEAD + '[[step]]\nkind = "channels"\nremove = "half"\n', ["step[1].remove", "number", "'half'"]),
        (HEAD + '[[step]]\nkind = "channels"\nremove = 0.5\nscope = "all"\n', ["scope", "'layer' or 'global'"]),
        (HEAD + INT8.replace("int8", "train") + 'epochs = "ten"\n', ["step[1].epochs", "whole number", "'ten'"]),
        (HEAD + INT8.replace("int8", "train") + "epochs = 1.5\n", ["step[1].epochs", "whole number"]),
        (HEAD + '[[step]]\nkind = "train"\nremove = 0.5\n', ["step[1].remove: not a field"]),
        (HEAD + '[[step]]\nkind = "prune"\nsparsity = 0.3\ninitial = 0.6\n', ["initial = 0.6", "sparsity = 0.3"]),
        (HEAD + '[[step]]\nkind = "distil"\ntemperature = 0\n', ["step[1].temperature", "greater than or equal to 1"]),
        (HEAD + '[[step]\nkind = "train"\n', ["not valid TOML"]),
        ("\x00\xff", ["not"]),
    ],
)
def test_wrong_recipes(text: str, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        load_recipe(write(tmp_path, text))
    message = error.value.render()
    assert "r.toml" in message
    for word in words:
        assert word in message, message


def test_no_such_recipe(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such recipe"):
        load_recipe(tmp_path / "none.toml")
