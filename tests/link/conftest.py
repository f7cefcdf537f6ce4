"""The real agent as a process on a pseudo-terminal, under sanitizers, with a model that counts its runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from link.wires import RawHost, Wire
from support.probe import need_tools
from tinykit.board import load_board
from tinykit.emulate.native import Native
from tinykit.firmware import Image, build_project, render_sources
from tinykit.firmware.manifest import Facts
from tinykit.resources import data_dir

MakeImage = Callable[..., Image]
FACTS = Facts("counting", "5a01" + "00" * 30, (600, 4), 4096, 4096, {}, ({"label": "a"}, {"label": "b"}))
MODEL = (Path(__file__).parent / "counting_model.c").read_text()


@pytest.fixture(scope="session")
def make_image(tmp_path_factory: pytest.TempPathFactory) -> MakeImage:
    """Firmware with the counting model: ``max_payload`` in bytes, ``init`` status of the model."""
    need_tools("native")

    @cache
    def build(max_payload: int, init: int) -> Image:
        folder = tmp_path_factory.mktemp("agent")
        board_file = folder / "native.toml"
        text = (data_dir("boards") / "native.toml").read_text()
        assert "max_payload = 1024" in text
        board_file.write_text(text.replace("max_payload = 1024", f"max_payload = {max_payload}"))
        source = f"#define INIT_STATUS {init}\n{MODEL}".encode()
        project = render_sources(
            {"src/model/model_info.c": source}, FACTS, load_board(board_file), folder / "project", sanitize=True
        )
        return build_project(project)

    return lambda max_payload=64, init=0: build(max_payload, init)


@pytest.fixture
def device(make_image: MakeImage) -> Native:
    """The agent with the smallest payload, not started: ``with device as stream``."""
    image = make_image()
    return Native(image.board, image.elf)


@pytest.fixture
def wire(device: Native) -> Iterator[Wire]:
    """A line to the agent that can be made worse."""
    with device as stream:
        yield Wire(stream)


@pytest.fixture
def host(device: Native) -> Iterator[RawHost]:
    """A host that may say anything, and its agent."""
    with device as stream:
        yield RawHost(stream)
