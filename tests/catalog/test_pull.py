"""Copies are found and verified, or downloaded; nothing half-written has a model's name."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from tinykit.catalog import find_copy, load_catalog, pull, require_copy
from tinykit.catalog.places import cache_path
from tinykit.errors import ModelMissing

from .conftest import CONTENT, SHA256, Site, entry


def kept(folder: Path) -> list[str]:
    """Names of all files, but for locks."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != ".lock")


@pytest.mark.parametrize("path", ["/whole", "/redirect", "/unsized", "/cut"])
def test_a_download_is_kept_and_not_made_twice(site: Site, folders: Path, path: str) -> None:
    model = entry(site.url + path)
    copy = pull(model)
    assert (copy.source, copy.sha256, copy.verified) == ("download", SHA256, True)
    assert copy.path == folders / "cache" / "tinykit" / "models" / "noise" / "noise.tflite"
    assert copy.path.read_bytes() == CONTENT
    assert kept(folders) == ["noise.tflite"]
    before = len(site.requests)
    assert pull(model).source == "cache"
    assert len(site.requests) == before


def test_progress_reaches_the_size(site: Site, folders: Path) -> None:
    seen: list[tuple[int, int]] = []
    pull(entry(site.url + "/cut"), progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_what_was_cut_short_goes_on_where_it_ended(site: Site, folders: Path) -> None:
    pull(entry(site.url + "/cut"))
    assert site.requests == [("/cut", None), ("/cut", f"bytes={len(CONTENT) // 2}-")]


def test_a_server_without_ranges_sends_all_again(site: Site, folders: Path) -> None:
    site.ranges = False
    assert pull(entry(site.url + "/cut")).path.read_bytes() == CONTENT


def test_a_later_call_resumes(site: Site, folders: Path) -> None:
    site.cuts = 3
    model = entry(site.url + "/cut")
    with pytest.raises(ModelMissing, match=r"cut short .*of 300,000 bytes came"):
        pull(model)
    assert kept(folders) == [".noise.tflite.part"]
    assert find_copy(model) == (None, [])
    pull(model)
    assert site.requests[-1][1] == f"bytes={len(CONTENT) * 7 // 8}-"
    assert kept(folders) == ["noise.tflite"]


@pytest.mark.parametrize("begun", [b"not its beginning", b"x" * len(CONTENT), b"x" * (len(CONTENT) + 5)])
@pytest.mark.parametrize("size", [len(CONTENT), None], ids=["size known", "size unknown"])
def test_a_wrong_beginning_is_thrown_away(site: Site, folders: Path, begun: bytes, size: int | None) -> None:
    model = entry(site.url + "/whole", size=size)
    cache_path(model).parent.mkdir(parents=True)
    cache_path(model).with_name(".noise.tflite.part").write_bytes(begun)
    assert pull(model).path.read_bytes() == CONTENT
    assert kept(folders) == ["noise.tflite"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/wrong", f"not {SHA256}"),
        ("/longer", "longer than 300,000 bytes"),
        ("/missing", "404"),
        ("/loop", "redirect"),
    ],
)
def test_what_is_not_the_file_is_not_kept(site: Site, folders: Path, path: str, why: str) -> None:
    with pytest.raises(ModelMissing, match=why) as caught:
        pull(entry(site.url + path))
    assert caught.value.exit_code == 3
    assert "TINYKIT_MODELS" in str(caught.value)
    assert kept(folders) == []


def test_without_server_and_copy_the_error_says_both(folders: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/whole"
        with pytest.raises(ModelMissing) as caught:
            pull(entry(url))
    text = str(caught.value)
    assert "the server cannot be reached (Connection refused)" in text
    assert f"there is no noise.tflite in {folders / 'cache'}" in text
    assert str(folders / "mine") in text
    assert kept(folders) == []


def test_the_next_url_is_tried(site: Site, folders: Path) -> None:
    copy = pull(entry(site.url + "/missing", site.url + "/wrong", site.url + "/whole"))
    assert copy.path.read_bytes() == CONTENT


@pytest.mark.parametrize("place", ["mine/things", "mine"])
def test_a_local_copy_needs_no_network(folders: Path, place: str) -> None:
    path = folders / place / "noise.tflite"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    model = entry("http://127.0.0.1:1/never")
    assert (pull(model).path, pull(model).source) == (path, "local")
    assert require_copy(model).path == path


def test_a_local_file_that_is_not_the_model_is_said(folders: Path) -> None:
    path = folders / "mine" / "noise.tflite"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[:-1])
    for attempt in (pull, require_copy):
        with pytest.raises(ModelMissing, match=f"{path} is not it: its sha256 is"):
            attempt(entry("http://127.0.0.1:1/never"))


def test_a_damaged_copy_in_the_cache_is_replaced(site: Site, folders: Path) -> None:
    model = entry(site.url + "/whole")
    pull(model).path.write_bytes(CONTENT[:1000])
    assert find_copy(model)[0] is None
    assert pull(model).path.read_bytes() == CONTENT


def test_without_sha256_a_download_has_to_be_asked_for(site: Site, folders: Path) -> None:
    model = entry(site.url + "/whole", sha256=None, size=None)
    with pytest.raises(ModelMissing, match="--unverified"):
        pull(model)
    assert site.requests == []
    copy = pull(model, unverified=True)
    assert (copy.sha256, copy.verified) == (SHA256, False)


def test_two_at_once_download_once(site: Site, folders: Path) -> None:
    model = entry(site.url + "/whole")
    copies: list[Path] = []
    threads = [threading.Thread(target=lambda: copies.append(pull(model).path)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(copies) == 4
    assert len(site.requests) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_cannot_be_written_is_said(site: Site, folders: Path) -> None:
    (folders / "cache").mkdir(mode=0o500)
    with pytest.raises(ModelMissing, match="XDG_CACHE_HOME"):
        pull(entry(site.url + "/whole"))


def test_a_cache_that_is_no_folder_is_said(site: Site, folders: Path) -> None:
    (folders / "cache").write_text("")
    with pytest.raises(ModelMissing, match="XDG_CACHE_HOME"):
        pull(entry(site.url + "/whole"))


def test_a_relative_cache_folder_is_ignored() -> None:
    model = entry("http://127.0.0.1:1/never")
    assert cache_path(model, {"XDG_CACHE_HOME": "here"}) == Path.home() / ".cache/tinykit/models/noise/noise.tflite"


def test_a_bundled_model_that_is_damaged_is_said(folders: Path) -> None:
    digits = next(model for model in load_catalog() if model.name == "digits")
    damaged = digits.model_copy(update={"sha256": "0" * 64})
    for attempt in (pull, require_copy):
        with pytest.raises(ModelMissing, match="install that again"):
            attempt(damaged)
