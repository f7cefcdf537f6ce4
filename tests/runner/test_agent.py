"""The runner's agent speaks the link as docs/protocol.md has it, and as the firmware's does."""

from __future__ import annotations

import zlib

import pytest

from support.runners import BUILD, SHA, AddsOne, agent_of, line_to, words
from tinykit.errors import DeviceRefused, DeviceReset, ToolMissing, WrongFirmware
from tinykit.link import Client
from tinykit.link.frames import Command, Frame, Kind, Status, decode_frame, encode_frame
from tinykit.runner.agent import Agent

SESSION = 0x2A00C0DE


def ask(agent: Agent, command: int, payload: bytes = b"", *, sequence: int, session: int = SESSION) -> list[Frame]:
    """What the agent sends in answer to one request."""
    sent: list[bytes] = []
    agent.handle(Frame(Kind.REQUEST, command, sequence, session, payload), sent.append)
    return [decode_frame(data.strip(b"\0")) for data in sent]


def opened(engine: AddsOne) -> Agent:
    agent = agent_of(engine)
    assert ask(agent, Command.HELLO, words(SESSION), sequence=0)[0].kind == Kind.REPLY
    return agent


def test_the_client_reads_what_the_agent_says_of_itself() -> None:
    with line_to(agent_of(AddsOne())) as line:
        info = Client(line, expected_build=BUILD).connect(2)
    assert (info.build_id, info.boot_nonce, info.identity.max_payload) == (BUILD, 7, 64)
    assert (info.board, info.model_name, info.model_sha256, info.engine) == ("rpi5", "adds one", SHA, "litert")
    assert (info.n_layers, info.arena_bytes, info.counter_hz) == (2, 16, 1_000_000_000)
    assert (info.inputs, info.outputs) == (AddsOne().inputs, AddsOne().outputs)


def test_write_run_read_and_ticks() -> None:
    with line_to(agent_of(AddsOne())) as line:
        client = Client(line)
        client.connect(2)
        client.write_input(0, bytes(range(8)))
        result = client.run(3, 2)
        assert (result.n, result.total_ticks, result.min_ticks, result.max_ticks) == (3, 3012, 1003, 1005)
        assert client.read_output(0) == bytes(range(1, 9))
        assert client.read_input(0) == bytes(range(8))
        assert client.memory().stack_size == 0


def test_profile_and_checks_of_layers() -> None:
    with line_to(agent_of(AddsOne())) as line:
        client = Client(line)
        client.connect(2)
        client.write_input(0, bytes(range(8)))
        client.run(profile=True)
        assert len(client.read_profile()) == 2
        assert client.check_layers([(0, 8), (8, 8)]) == [zlib.crc32(bytes(range(8))), zlib.crc32(bytes(range(1, 9)))]
        assert client.check_layers([(12, 8), (0, 4)]) == [0, zlib.crc32(bytes(range(4)))]  # not wholly in the arena


def test_earlier_runs_are_forgotten_when_asked() -> None:
    engine = AddsOne()
    with line_to(agent_of(engine)) as line:
        client = Client(line)
        client.connect(2)
        client.run(3)
        assert engine.forgotten == 0
        client.run(3, 2, fresh=True)
        client.run(profile=True, fresh=True)
        client.check_layers([(0, 8), (8, 8)], fresh=True)
        assert engine.forgotten == 3
        assert client.read_profile()[1] != 0


def test_a_repeated_request_is_answered_again_and_not_run_again() -> None:
    engine = AddsOne()
    agent = opened(engine)
    run = words(1, 0) + b"\0"
    first = ask(agent, Command.RUN, run, sequence=1)
    assert [frame.kind for frame in first] == [Kind.EVENT, Kind.REPLY]
    assert ask(agent, Command.RUN, run, sequence=1) == first[1:]
    assert engine.runs == 1
    assert ask(agent, Command.RUN, run, sequence=3) == []  # neither the last one nor the next
    assert ask(agent, Command.RUN, run, sequence=0) == []
    assert engine.runs == 1


def test_sequence_numbers_go_round() -> None:
    agent = agent_of(AddsOne())
    ask(agent, Command.HELLO, words(SESSION), sequence=0xFFFF)
    assert ask(agent, Command.MEMORY, sequence=0)[0].kind == Kind.REPLY


@pytest.mark.parametrize(
    ("command", "payload", "status"),
    [
        (0x55, b"", Status.BAD_COMMAND),
        (Command.INFO, b"\0", Status.BAD_LENGTH),
        (Command.WRITE, b"\0\0", Status.BAD_LENGTH),
        (Command.WRITE, b"\1\0\0\0\0", Status.BAD_INDEX),
        (Command.WRITE, b"\0\1\0\0\0" + bytes(8), Status.BAD_RANGE),
        (Command.WRITE, b"\0\xff\xff\xff\xff" + bytes(8), Status.BAD_RANGE),
        (Command.RUN, bytes(8), Status.BAD_LENGTH),
        (Command.RUN, words(1, 0) + b"\0\0", Status.BAD_LENGTH),
        (Command.RUN, words(1, 0) + b"\2\0", Status.BAD_LENGTH),
        (Command.RUN, words(0, 0) + b"\0", Status.BAD_ARGUMENT),
        (Command.RUN, words(1, 0) + b"\3", Status.BAD_ARGUMENT),
        (Command.RUN, words(1, 0) + b"\7", Status.BAD_ARGUMENT),
        (Command.RUN, words(1, 0) + b"\x08", Status.BAD_ARGUMENT),
        (Command.READ, bytes(7), Status.BAD_LENGTH),
        (Command.READ, b"\0\1\1\0" + words(0), Status.BAD_INDEX),
        (Command.READ, b"\3\0\1\0" + words(0), Status.BAD_INDEX),
        (Command.READ, b"\2\1\1\0" + words(0), Status.BAD_INDEX),
        (Command.READ, b"\0\0\x09\0" + words(0), Status.BAD_RANGE),
        (Command.READ, b"\0\0\x01\0" + words(0xFFFFFFFF), Status.BAD_RANGE),
    ],
)
def test_what_is_wrong_is_refused_with_its_status(command: int, payload: bytes, status: Status) -> None:
    engine = AddsOne()
    agent = opened(engine)
    (answer,) = ask(agent, command, payload, sequence=1)
    assert (answer.kind, answer.payload) == (Kind.ERROR, bytes([status]))
    assert engine.runs == 0
    assert ask(agent, Command.MEMORY, sequence=2)[0].kind == Kind.REPLY  # it used up its number


def test_checks_need_an_arena() -> None:
    engine = AddsOne()
    engine.has_arena = False
    (answer,) = ask(opened(engine), Command.RUN, words(1, 0) + b"\2" + b"\0\0", sequence=1)
    assert answer.payload == bytes([Status.BAD_ARGUMENT])


def test_another_session_has_to_begin_with_hello() -> None:
    agent = opened(AddsOne())
    (answer,) = ask(agent, Command.MEMORY, sequence=1, session=99)
    assert answer.payload == bytes([Status.NO_SESSION])
    (answer,) = ask(agent, Command.MEMORY, sequence=1)  # and the one that was open is closed
    assert answer.payload == bytes([Status.NO_SESSION])


def test_a_second_host_takes_over_and_the_first_one_is_told() -> None:
    agent = agent_of(AddsOne())
    with line_to(agent) as one, line_to(agent) as two:
        first, second = Client(one), Client(two)
        first.connect(2)
        second.connect(2)
        with pytest.raises(DeviceReset):
            first.memory()


def test_what_is_no_request_or_too_long_is_ignored() -> None:
    agent = opened(AddsOne())
    sent: list[bytes] = []
    for frame in (
        Frame(Kind.REPLY, Command.MEMORY, 1, SESSION),
        Frame(Kind.REQUEST, Command.MEMORY, 1, 0),
        Frame(Kind.REQUEST, Command.WRITE, 1, SESSION, bytes(65)),
    ):
        agent.handle(frame, sent.append)
    assert sent == []


def test_a_wrong_build_is_told() -> None:
    with line_to(agent_of(AddsOne())) as line, pytest.raises(WrongFirmware):
        Client(line, expected_build="ff" * 16).connect(2)


def test_the_banner_is_one() -> None:
    frame = decode_frame(agent_of(AddsOne(), nonce=0xABCD).banner().strip(b"\0"))
    assert (frame.kind, frame.command, frame.session) == (Kind.EVENT, Command.BANNER, 0)
    assert encode_frame(frame) == agent_of(AddsOne(), nonce=0xABCD).banner()


def test_an_engine_that_fails_is_answered_and_told() -> None:
    class Broken(AddsOne):
        def run(self, inputs: object, hook: object = None) -> int:
            raise ToolMissing("the accelerator is gone")

    agent = opened(Broken())
    sent: list[bytes] = []
    with pytest.raises(ToolMissing):
        agent.handle(Frame(Kind.REQUEST, Command.RUN, 1, SESSION, words(1, 0) + b"\0"), sent.append)
    last = decode_frame(sent[-1].strip(b"\0"))
    assert (last.kind, last.payload) == (Kind.ERROR, bytes([Status.MODEL_FAILED]))


def test_reset_ends_with_a_restart() -> None:
    agent = opened(AddsOne())
    sent: list[bytes] = []
    assert agent.handle(Frame(Kind.REQUEST, Command.RESET, 1, SESSION), sent.append)
    assert decode_frame(sent[0].strip(b"\0")).kind == Kind.REPLY


def test_a_refusal_reaches_the_client() -> None:
    with line_to(agent_of(AddsOne())) as line:
        client = Client(line)
        client.connect(2)
        with pytest.raises(DeviceRefused, match="BAD_RANGE"):
            client._request(Command.READ, b"\0\0\xff\0" + words(0))


def test_a_run_ends_when_its_line_has_closed_and_only_then() -> None:
    engine = AddsOne()
    agent = opened(engine)
    sent: list[bytes] = []
    many = Frame(Kind.REQUEST, Command.RUN, 1, SESSION, words(2**32 - 1, 2**32 - 1) + b"\0")
    assert not agent.handle(many, sent.append, lambda: engine.runs >= 5)
    assert (engine.runs, len(sent)) == (5, 1)  # the event that it began, and no answer
    many = Frame(Kind.REQUEST, Command.RUN, 1, SESSION, words(2**32 - 1, 0) + b"\0")
    assert not agent.handle(many, sent.append, lambda: engine.runs >= 10)
    assert (engine.runs, len(sent)) == (10, 2)
    assert ask(agent, Command.RUN, words(3, 0) + b"\0", sequence=1)[-1].kind == Kind.REPLY
    assert engine.runs == 13
