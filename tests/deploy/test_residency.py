"""Who shares an Edge TPU with whom."""

from __future__ import annotations

from typing import Any

import pytest

from tinykit.deploy.residency import residency


def deployment(name: str, *models: tuple[str, int | None]) -> dict[str, Any]:
    entries = [
        {"file": f"{number}.tflite", "device": device,
         "package": None if token is None else {"tokens": [token], "cached_bytes": 1000}}
        for number, (device, token) in enumerate(models)
    ]  # fmt: skip
    return {"name": name, "release": {"models": entries}}


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ([("usb", 5)], "alone"),
        ([("usb", 5), ("usb", 5)], "compiled together"),
        ([("usb", 5), ("usb", 6)], "compiled apart"),
        ([("usb", 5), ("usb", None)], "not all of them compiled"),
    ],
)
def test_what_sharing_means(models: list[tuple[str, int | None]], words: str) -> None:
    (use,) = residency([deployment("one", *models)])
    assert use.device == "usb"
    assert words in use.words


def test_two_deployments_cannot_have_one_device() -> None:
    (use,) = residency([deployment("one", ("usb", 5)), deployment("two", ("usb", 5))])
    assert "one process can have it" in use.words


def test_a_pipeline_has_a_device_for_each_segment_and_the_cpu_is_none() -> None:
    found = residency([deployment("one", ("usb:0", 1), ("usb:1", 2)), {"name": "cpu", "release": {"models": [
        {"file": "m", "device": None}]}}])  # fmt: skip
    assert [use.device for use in found] == ["usb:0", "usb:1"]
    assert found[1].models[0].tokens == (2,)
