"""Deployed through a real sshd to a machine with a home directory of its own: this one, under another name.

LiteRT is installed there into a fresh environment, once for all tests of this module.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.sshd import Server, linux_board
from tinykit.board import load_board
from tinykit.deploy import deploy, diagnose, remove, restart, rollback, status
from tinykit.deploy.remote import Remote
from tinykit.emulate import open_board
from tinykit.errors import (
    DelegateMissing,
    DeployFailed,
    DeviceDied,
    DeviceError,
    InputError,
    WrongDevice,
    WrongFirmware,
)
from tinykit.firmware import Image, image_of
from tinykit.firmware.runner import ReleaseOptions, render_release
from tinykit.hil.bench_board import open_bench_board
from tinykit.hil.inventory import slot_for
from tinykit.hil.place import BenchPlace
from tinykit.hil.reference import outputs_of_bytes
from tinykit.hil.run import RunOptions, run_project
from tinykit.link import Client
from tinykit.resources import data_dir

pytestmark = pytest.mark.slow
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
DIGITS = data_dir("models") / "digits"
MODEL = DIGITS / "digits.tflite"
BASE = ".local/share/tinykit"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with linux_board(tmp_path_factory.mktemp("board")) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYKIT_SSH", server.ssh)
        yield server
        for one in status(server.url):
            remove(server.url, one["name"])
        assert not (server.home / BASE).exists()


def release(folder: Path, **options: object) -> Image:
    wanted = ReleaseOptions(name="digits", port=free_port(), **options)  # type: ignore[arg-type]
    return image_of(render_release([MODEL], load_board("native"), folder, wanted))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def first(board: Server, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """A release with LiteRT that is in service."""
    image = release(tmp_path_factory.mktemp("first"))
    done = deploy(image, board.url, expect=outputs_of_bytes)
    assert done.changed
    assert done.service == "supervisor"
    assert done.first_inference == "identical"
    assert done.copied[0] == 2  # the model and the runner
    return image


def current(board: Server, name: str = "digits") -> dict[str, object]:
    found = {one["name"]: one for one in status(board.url)}
    return found[name]


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


def runner_pid(board: Server) -> int:
    try:
        said = json.loads((board.home / BASE / "deployments/digits/run/status.json").read_text())
    except (OSError, ValueError):
        return 0
    return int(said["pid"]) if said.get("state") == "serving" else 0


def test_accuracy_on_the_board_is_that_of_the_reference(board: Server, first: Image) -> None:
    options = RunOptions(data=DIGITS / "digits_test.npz", limit=200, port=board.url, min_accuracy=0.95)
    report = run_project(first.project.root, options)
    assert report.result == "pass"
    assert (report.engine, report.latency.unit) == ("litert", "us")
    assert (report.accuracy.n, report.accuracy.mismatches) in ((200, 0), (200, None))
    assert report.accuracy.host in (report.accuracy.device, None)


def test_a_socket_does_as_well_as_ssh(board: Server, first: Image) -> None:
    release = first.release
    assert release is not None
    url = f"socket://127.0.0.1:{release.port}"
    report = run_project(
        first.project.root, RunOptions(data=DIGITS / "digits_test.npz", limit=20, port=url, reference=False)
    )
    assert report.result == "pass"


def test_nothing_is_copied_or_started_twice(board: Server, first: Image) -> None:
    before = runner_pid(board)
    done = deploy(first, board.url)
    assert (done.changed, done.copied) == (False, (0, 0))
    assert runner_pid(board) == before


def test_a_runner_that_is_killed_is_started_again(board: Server, first: Image) -> None:
    before = runner_pid(board)
    with open_board(first.board, first, board.url) as stream:
        client = Client(stream, expected_build=first.build_id)
        nonce = client.connect().boot_nonce
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: not alive(before))
        with pytest.raises(DeviceDied):
            client.run()
    wait_for(lambda: runner_pid(board) not in (0, before))
    with open_board(first.board, first, board.url) as stream:
        assert Client(stream, expected_build=first.build_id).connect().boot_nonce != nonce
    assert current(board)["service"]["restarts"] >= 1  # type: ignore[index]


def test_the_runner_does_not_outlive_its_supervisor_and_restart_brings_both_back(board: Server, first: Image) -> None:
    run = board.home / BASE / "deployments/digits/run"
    runner = runner_pid(board)
    os.kill(int((run / "supervisor.lock").read_text()), signal.SIGKILL)
    wait_for(lambda: not alive(runner))
    assert current(board)["service"]["running"] is False  # type: ignore[index]
    restart(board.url, "digits")
    assert current(board)["service"]["running"] is True  # type: ignore[index]


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_reset_is_a_restart_on_the_same_line(board: Server, first: Image) -> None:
    with open_board(first.board, first, board.url) as stream:
        client = Client(stream, expected_build=first.build_id)
        nonce = client.connect().boot_nonce
        client.reset()
        assert client.connect().boot_nonce != nonce
        assert client.read_input(0) == bytes(client.info.inputs[0].nbytes)


def test_upgrade_and_rollback(board: Server, first: Image, tmp_path: Path) -> None:
    second = release(tmp_path, threads=2)
    done = deploy(second, board.url)
    assert (done.changed, done.previous) == (True, first.build_id)
    with open_board(first.board, first, board.url) as stream, pytest.raises((WrongFirmware, DeviceDied)):
        Client(stream, expected_build=first.build_id).connect(2)
    assert rollback(board.url, "digits")["build_id"] == first.build_id
    with open_board(first.board, first, board.url) as stream:
        Client(stream, expected_build=first.build_id).connect()
    assert current(board)["previous"] == second.build_id


def test_a_release_that_does_not_come_up_is_taken_back(board: Server, first: Image, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ReleaseOptions(name="digits", port=taken.getsockname()[1])
        image = image_of(render_release([MODEL], load_board("native"), tmp_path, options))
        with pytest.raises(DeployFailed, match="cannot listen there") as caught:
            deploy(image, board.url)
    assert f"{first.build_id[:12]}, runs again" in str(caught.value)
    assert current(board)["release"]["build_id"] == first.build_id  # type: ignore[index]
    with open_board(first.board, first, board.url) as stream:
        Client(stream, expected_build=first.build_id).connect()
    releases = board.home / BASE / "deployments/digits/releases"
    assert image.build_id not in [path.name for path in releases.iterdir()]


def test_without_the_edge_tpus_runtime_it_says_so_and_the_old_release_runs_on(
    board: Server, first: Image, tmp_path: Path
) -> None:
    with pytest.raises(DelegateMissing, match=r"libedgetpu\.so\.1"):
        deploy(release(tmp_path / "no", engine="edgetpu"), board.url)
    assert current(board)["release"]["build_id"] == first.build_id  # type: ignore[index]
    done = deploy(release(tmp_path / "yes", engine="edgetpu", cpu_fallback=True), board.url, expect=outputs_of_bytes)
    assert any("on the CPU and not on the Edge TPU" in note for note in done.notes)
    assert done.first_inference == "identical"
    rollback(board.url, "digits")


def test_a_power_failure_in_the_middle_is_undone_by_the_next_command(board: Server, first: Image) -> None:
    root = board.home / BASE / "deployments/digits"
    present = (root / "current").readlink().name
    assert present == first.build_id
    other = next(path.name for path in (root / "releases").iterdir() if path.name != present)
    (root / "switching").write_text(json.dumps({"before": present, "after": other}))
    (root / "current").unlink()
    (root / "current").symlink_to(f"releases/{other}")
    done = deploy(first, board.url)
    assert done.release.build_id == first.build_id
    assert (root / "current").readlink().name == present
    assert not (root / "switching").exists()


def test_compiled_c_through_cffi_beside_it(board: Server, first: Image, tmp_path: Path) -> None:
    options = ReleaseOptions(name="digits-c", engine="library", port=free_port())
    image = image_of(render_release([MODEL], load_board("native"), tmp_path, options))
    done = deploy(image, board.url, expect=outputs_of_bytes)
    assert done.first_inference == "identical"
    wanted = RunOptions(data=DIGITS / "digits_test.npz", limit=50, port=board.url, min_accuracy=0.95, reference=False)
    report = run_project(tmp_path, wanted)
    assert (report.result, report.engine) == ("pass", "library")
    assert len(report.latency.layers) == len(image.project.manifest["model"]["layers"]) > 3
    assert all(layer.output_crc is not None for layer in report.latency.layers)
    assert {one["name"] for one in status(board.url)} == {"digits", "digits-c"}
    remove(board.url, "digits-c")
    assert [one["name"] for one in status(board.url)] == ["digits"]
    with pytest.raises(InputError, match="digits-c"):
        rollback(board.url, "digits-c")


def test_ctrl_c_leaves_what_was_there(board: Server, first: Image, tmp_path: Path) -> None:
    assert len(list((board.home / BASE / "venvs").iterdir())) == 1  # with LiteRT, not with cffi
    options = ReleaseOptions(name="other", engine="library", port=free_port())  # a new environment: it takes a while
    render_release([MODEL], load_board("native"), tmp_path, options)
    command = [sys.executable, "-m", "tinykit.cli.main", "deploy", str(tmp_path), "--port", board.url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "making the Python environment" in line:
                process.send_signal(signal.SIGINT)
                break
        assert process.wait(20) == 130
    base = board.home / BASE
    wait_for(lambda: not (base / "deployments/other").exists() and not list((base / "venvs").glob(".*")))
    assert [one["name"] for one in status(board.url)] == ["digits"]


def test_a_copy_that_breaks_leaves_nothing(board: Server, first: Image) -> None:
    remote = Remote(board.url)
    machine = remote.probe()
    before = sorted(path.name for path in (board.home / BASE / "blobs").iterdir())
    whole = hashlib.sha256(b"whole").hexdigest()
    with pytest.raises(DeviceError, match="what arrived is not what was sent"):
        remote._put(machine, whole, b"who")
    assert sorted(path.name for path in (board.home / BASE / "blobs").iterdir()) == before


def test_another_processor_than_the_boards_is_refused(board: Server, tmp_path: Path) -> None:
    image = image_of(render_release([MODEL], load_board("rpi5"), tmp_path, ReleaseOptions()))
    with pytest.raises(WrongDevice, match="aarch64"):
        deploy(image, board.url)


def test_a_port_of_another_deployment_is_refused(board: Server, first: Image, tmp_path: Path) -> None:
    assert first.release is not None
    options = ReleaseOptions(name="twin", port=first.release.port)
    image = image_of(render_release([MODEL], load_board("native"), tmp_path, options))
    with pytest.raises(InputError, match="that of deployment digits"):
        deploy(image, board.url)
    assert [one["name"] for one in status(board.url)] == ["digits"]


def test_a_place_of_a_bench_is_deployed_to_and_tested(board: Server, first: Image, tmp_path: Path) -> None:
    """What the pytest plugin and `tinykit hil run` do with a place whose engine is a runner's."""
    place = BenchPlace(slot_for("native", board.url, "litert"), tmp_path / "bench.toml")
    with open_bench_board(MODEL, place, tmp_path, RunOptions(limit=5, reference=False)) as bench:
        assert (bench.info.engine, bench.info.build_id) != ("litert", first.build_id)
        outputs = bench.infer(bench.data.inputs[0][0])
        expected = outputs_of_bytes(MODEL, [bench.data.inputs[0][0].tobytes()])
        assert expected in (None, (outputs.tobytes(),))
        assert bench.measure_latency(5) > 0


def test_diagnosis_of_this_machine(board: Server, first: Image) -> None:
    found = diagnose(board.url)
    assert found["made"] is False
    checks = {finding["check"]: finding for finding in found["findings"]}
    assert {"system", "litert", "libedgetpu", "usb", "pcie", "throttling"} <= set(checks)
    assert any(finding["what"].startswith("environment") for finding in found["findings"])
