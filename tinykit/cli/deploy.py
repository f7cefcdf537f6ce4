"""The command that puts models onto Linux boards: deploy."""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinykit.cli.output import console, print_json, progress_bar

if TYPE_CHECKING:
    from tinykit.deploy import Deployed
    from tinykit.firmware import Image
    from tinykit.firmware.runner import ReleaseOptions


def deploy(
    models: Annotated[
        list[Path] | None, typer.Argument(help="A .tflite file, the segments of one, or a folder of an earlier --out.")
    ] = None,
    port: Annotated[str | None, typer.Option("--port", "-p", help="The board: ssh://user@host[:port].")] = None,
    board: Annotated[str | None, typer.Option("--board", "-b", help="A board's name, or its .toml file.")] = None,
    accelerator: Annotated[str | None, typer.Option(help="coral-usb or coral-pcie: run on its Edge TPU.")] = None,
    device: Annotated[
        list[str] | None, typer.Option(help="Which Edge TPU: usb, usb:0, pci:1; once for each segment.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="litert, library (C through cffi), or edgetpu.")] = None,
    cpu_fallback: Annotated[
        bool, typer.Option("--cpu-fallback", help="Run on the CPU where the Edge TPU cannot be had.")
    ] = False,
    delegate: Annotated[str | None, typer.Option(help="The Edge TPU's runtime, a library on the board.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of LiteRT on the CPU.")] = 1,
    name: Annotated[str | None, typer.Option(help="Of the deployment; the model's by default.")] = None,
    listen: Annotated[str, typer.Option(help="Address the runner listens on. Anyone who reaches it may use it.")] = (
        "127.0.0.1"
    ),
    listen_port: Annotated[int | None, typer.Option(min=1, max=65535, help="TCP port; one by the name.")] = None,
    serial: Annotated[str | None, typer.Option(help="A serial port of the board to answer on, too.")] = None,
    baud: Annotated[int, typer.Option(min=1, help="Of that serial port.")] = 115200,
    wheels: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of wheels, for a board without network.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Keep the release here, for `tinykit test`.")] = None,
    status: Annotated[bool, typer.Option("--status", help="Show what is deployed on the board.")] = False,
    diagnose: Annotated[bool, typer.Option("--diagnose", help="Show what is in the way of an Edge TPU.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Put the release before back into service.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Start what is in service again.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the deployment away.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put a model onto a Linux board, with a runner that answers like a microcontroller."""
    from tinykit.emulate.ssh_port import SSH_SCHEME
    from tinykit.errors import InputError
    from tinykit.firmware.runner import ReleaseOptions
    from tinykit.runner.engines.delegate import LIBRARY

    if port is None or not port.startswith(SSH_SCHEME):
        raise InputError("boards are deployed to over ssh", hint="say where it is with --port ssh://user@host")
    chosen = [flag for flag, given in (
        ("--status", status), ("--diagnose", diagnose), ("--rollback", rollback), ("--restart", restart),
        ("--remove", remove),
    ) if given]  # fmt: skip
    if len(chosen) + bool(models) != 1:
        raise InputError(
            "give a model, or one of --status, --diagnose, --rollback, --restart and --remove",
            why=f"given: {', '.join([*map(str, models or []), *chosen]) or 'none of them'}",
        )
    if status:
        _status(port, json)
    elif diagnose:
        _diagnose(port, json)
    elif chosen:
        _change(chosen[0].removeprefix("--"), port, name, json)
    else:
        kind = _engine(engine, accelerator, device, cpu_fallback)
        options = ReleaseOptions(
            name, kind, tuple(device or _devices(accelerator)), delegate or LIBRARY, cpu_fallback, listen_port, listen,
            serial, baud, threads,
        )  # fmt: skip
        _deploy(models or [], board, options, port, wheels, out, json)


def _deploy(
    models: list[Path], board: str | None, options: ReleaseOptions, port: str, wheels: Path | None, out: Path | None,
    json: bool,
) -> None:  # fmt: skip
    from tinykit.deploy import deploy as deploy_release

    with progress_bar() as progress, _release(models, board, options, out) as image:
        done = deploy_release(
            image, port, wheels=wheels, expect=_expected, say=lambda what: progress(what, 0, 1)
        )  # fmt: skip
    if json:
        print_json(asdict(done))
        return
    _show(done, image, port, out)


@contextlib.contextmanager
def _release(models: list[Path], board: str | None, options: ReleaseOptions, out: Path | None) -> Iterator[Image]:
    """The release in a folder, or made of models; without ``out`` it does not outlive the block."""
    from tinykit.board import load_board
    from tinykit.errors import InputError
    from tinykit.firmware import image_of, load_image
    from tinykit.firmware.runner import render_release

    if len(models) == 1 and models[0].is_dir():
        yield load_image(models[0])
        return
    if board is None:
        raise InputError("which board is this for?", where=str(models[0]), hint="name it with --board")
    with contextlib.ExitStack() as resources:
        folder = out or Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="tinykit-deploy-")))
        yield image_of(render_release(models, load_board(board), folder, options))


def _engine(engine: str | None, accelerator: str | None, device: list[str] | None, cpu_fallback: bool) -> str:
    from tinykit.errors import InputError
    from tinykit.firmware.engine import RUNNER_ENGINES

    chosen = engine or ("edgetpu" if accelerator or device else "litert")
    if chosen not in RUNNER_ENGINES:
        raise InputError(f"a runner has no engine {chosen!r}", hint=f"one of {', '.join(RUNNER_ENGINES)}")
    if chosen != "edgetpu" and (accelerator or device or cpu_fallback):
        raise InputError(
            f"engine {chosen} runs on the CPU",
            why="--accelerator, --device and --cpu-fallback are about an Edge TPU",
            hint="leave them away, or use --engine edgetpu",
        )
    return chosen


def _devices(accelerator: str | None) -> tuple[str, ...]:
    from tinykit.board.accelerator import load_accelerator

    return () if accelerator is None else (load_accelerator(accelerator).device,)


def _expected(model: Path, inputs: list[bytes]) -> tuple[bytes, ...] | None:
    from tinykit.hil.reference import outputs_of_bytes

    return outputs_of_bytes(model, inputs)


def _show(done: Deployed, image: Image, port: str, out: Path | None) -> None:
    target, release = console(), done.release
    what = "in service" if done.changed else "was in service already"
    target.print(
        f"{release.name}: {release.model_name} on {image.board.name}, engine {release.engine}, "
        f"build {release.build_id[:12]}, {what}",
        soft_wrap=True,
    )
    files, size = done.copied
    target.print(f"copied {files} files, {size:,} bytes; kept running by {done.service}", soft_wrap=True)
    if done.first_inference is not None:
        target.print(f"first inference: {done.first_inference} to this computer's TFLite-Micro or LiteRT")
    where = "reached through ssh alone" if release.listen in ("127.0.0.1", "::1") else "whoever reaches it may use it"
    target.print(f"listens on {release.address}, {where}", soft_wrap=True)
    for note in done.notes:
        target.print(f"note: {note}", soft_wrap=True, markup=False)
    if out is not None:
        target.print(
            f"test it: {shlex.join(['tinykit', 'test', str(out), '--port', port])}", soft_wrap=True, markup=False
        )


def _status(port: str, json: bool) -> None:
    from tinykit.deploy import status
    from tinykit.deploy.residency import residency

    found = status(port)
    devices = residency(found)
    if json:
        print_json({"deployments": found, "devices": [asdict(device) for device in devices]})
        return
    out = console()
    if not found:
        out.print("nothing is deployed there")
    for one in found:
        release, service = one["release"], one["service"]
        if release is None:
            out.print(
                f"{one['name']}: DAMAGED ({one['damaged']}); deploy it again, or --remove --name {one['name']}",
                soft_wrap=True, markup=False,
            )  # fmt: skip
            continue
        state = f"{one['said'].get('state', 'starting')}" if service["running"] else "stopped"
        out.print(
            f"{one['name']}: {release['model_name']} on {release['board']}, engine {release['engine']}, build "
            f"{release['build_id'][:12]}, {state} ({service['kind']}, started again {service['restarts']} times), "
            f"{release['listen']}:{release['port']}",
            soft_wrap=True, markup=False,
        )  # fmt: skip
        if service["running"] and one["said"].get("state") == "not answering":
            out.print("  it is in the middle of a long run, or stuck; --restart ends that")
        if one["said"].get("what"):
            out.print(f"  why: {one['said']['what']}; {one['said'].get('why')}", soft_wrap=True, markup=False)
        for note in one["said"].get("notes", []):
            out.print(f"  note: {note}", soft_wrap=True, markup=False)
        for model in release["models"] if len(release["models"]) > 1 else []:
            out.print(f"  {model['file']}: {model['nbytes']:,} bytes on {model['device'] or 'the CPU'}")
    for device in devices:
        names = ", ".join(f"{model.deployment}/{model.file}" for model in device.models)
        out.print(f"Edge TPU {device.device}: {names}: {device.words}", soft_wrap=True, markup=False)


_MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM", "absent": "absent ", "unknown": "unknown"}


def _diagnose(port: str, json: bool) -> None:
    from tinykit.deploy import diagnose
    from tinykit.errors import CheckFailed

    found = diagnose(port)
    if json:
        print_json(found)
    else:
        out = console()
        for finding in found["findings"]:
            out.print(f"{_MARKS[finding['state']]}  {finding['what']}", soft_wrap=True, markup=False)
            if finding["hint"] and finding["state"] != "ok":
                out.print(f"         try: {finding['hint']}", soft_wrap=True, markup=False)
    problems = [finding["what"] for finding in found["findings"] if finding["state"] == "problem"]
    if problems:
        raise CheckFailed("something is in the way", why="; ".join(problems))


def _change(verb: str, port: str, name: str | None, json: bool) -> None:
    import tinykit.deploy

    name = name or _only_one(port)
    with progress_bar() as progress:
        result: dict[str, Any] = getattr(tinykit.deploy, verb)(port, name, lambda what: progress(what, 0, 1))
    if json:
        print_json(result)
    elif verb == "remove":
        console().print(f"removed {name}")
    else:
        console().print(f"{name}: build {result['build_id'][:12]} is in service")


def _only_one(port: str) -> str:
    from tinykit.deploy import status
    from tinykit.errors import InputError

    names = [str(one["name"]) for one in status(port)]
    if len(names) != 1:
        raise InputError(
            "which deployment?", why=f"on the board: {', '.join(names) or 'none'}", hint="name it with --name"
        )
    return names[0]
