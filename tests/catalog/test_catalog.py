"""The catalogue: what it says is true of the files at hand, and a wrong one is refused with the field."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tinykit.catalog import CatalogModel, find_copy, find_model, load_catalog
from tinykit.errors import CatalogError
from tinykit.graph.reader import read_model
from tinykit.resources import data_dir

MODELS = load_catalog()
BUNDLED = [model for model in MODELS if model.bundled]
MLPERF = [model for model in MODELS if model.folder == "mlperf_tiny"]


def described(model: CatalogModel) -> list[str]:
    """Type and shape of input and output, as the catalogue says them."""
    return [text.split(":")[0] for text in (model.input, model.output)]


def actual(path: Path) -> list[str]:
    graph = read_model(path)
    tensors = [graph.tensor(graph.inputs[0]), graph.tensor(graph.outputs[0])]
    return [f"{t.dtype.label} {'x'.join(str(d) for d in t.shape)}" for t in tensors]


@pytest.mark.parametrize("model", BUNDLED, ids=lambda model: model.name)
def test_bundled_models_are_as_described(model: CatalogModel) -> None:
    copy, _ = find_copy(model)
    assert copy is not None
    assert (copy.source, copy.verified) == ("bundled", True)
    assert copy.path.stat().st_size == model.size
    assert described(model) == actual(copy.path)


@pytest.mark.parametrize("model", MLPERF, ids=lambda model: model.name)
def test_mlperf_tiny_models_are_as_described(model: CatalogModel, shared: Path) -> None:
    path = shared / "models" / "mlperf_tiny" / model.file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.sha256
    assert path.stat().st_size == model.size
    assert described(model) == actual(path)


def test_all_recipes_are_in_the_catalogue() -> None:
    recipes = {path.parent.name for path in data_dir("models").glob("*/train.py")}
    assert recipes == {model.name for model in BUNDLED}


def test_what_can_be_pulled_is_verified_unless_no_file_was_at_hand() -> None:
    assert {model.name for model in MODELS if model.sha256 is None} == {
        "hello-world",
        "person-detect",
        "keyword-scrambled",
        "mobilenet-v1-025-128",
    }
    assert all(url.startswith("https://") for model in MODELS for url in model.urls)


def test_an_unknown_name_gets_suggestions() -> None:
    with pytest.raises(CatalogError, match="did you mean kws01"):
        find_model(MODELS, "kws1")
    with pytest.raises(CatalogError, match="models are: digits"):
        find_model(MODELS, "zzzzzz")


GOOD = """
[[model]]
name = "a"
title = "A"
task = "none"
origin = "here"
licence = "CC0-1.0"
file = "a.tflite"
urls = ["http://127.0.0.1/a.tflite"]
input = "none"
output = "none"
metric = "none"
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "field model: missing"),
        ("model = []", "field model: must not be empty"),
        ("model = [", "not valid TOML"),
        ("\x00", "not valid TOML"),
        (GOOD + GOOD, "two models of one name: a"),
        (GOOD + "colour = 1", "field model.0.colour: not a field of a catalogue"),
        (GOOD.replace('"a.tflite"', '"../a.tflite"'), "field model.0.file"),
        (GOOD.replace("http:", "file:"), "field model.0.urls.0"),
        (GOOD.replace('urls = ["http://127.0.0.1/a.tflite"]', ""), "needs either bundled or urls"),
        (GOOD + 'bundled = "a/a.tflite"', "needs either bundled or urls"),
        (GOOD + 'folder = ".."', "field model.0.folder"),
        (GOOD + 'sha256 = "abc"', "field model.0.sha256"),
        (GOOD + "size = -1", "field model.0.size"),
    ],
)
def test_a_wrong_catalogue_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(text)
    with pytest.raises(CatalogError) as caught:
        load_catalog(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_catalogue_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no such catalogue"):
        load_catalog(tmp_path / "none.toml")
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    assert [model.name for model in load_catalog(path)] == ["a"]
