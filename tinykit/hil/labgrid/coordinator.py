"""The connection to labgrid's coordinator: what the lab has, who uses it, and that we give back what we took.

labgrid's client is asyncio and this package is threads: its event loop has a thread of its own, and keeps what is known
of the lab up to date. Everything else of labgrid (targets, drivers) is called under ``in_labgrid``: labgrid keeps one
stack of steps for the whole process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import grpc
from labgrid.remote.client import ClientSession, Error
from labgrid.remote.common import Place as Entry
from labgrid.remote.generated.labgrid_coordinator_pb2 import AcquirePlaceRequest, ReleasePlaceRequest
from labgrid.resource.remote import RemotePlaceManager
from labgrid.util.proxy import proxymanager

from tinykit.errors import DeviceMissing, InputError

T = TypeVar("T")

DEFAULT_PORT = 20408
_CONNECT = 15.0
_ANSWER = 20.0
"""Seconds for one answer. Acquiring waits for exporters, which start what serves a port."""
_POLL = 0.5
_lock = threading.RLock()


@contextlib.contextmanager
def in_labgrid(what: str, where: str) -> Iterator[None]:
    """Call labgrid: alone, and with its errors as ours.

    Raises:
        DeviceMissing: whatever labgrid raises. Its drivers let through the errors of all that they are made of.
    """
    with _lock:
        try:
            yield
        except DeviceMissing:
            raise
        except Exception as error:
            raise DeviceMissing(what, where=where, why=f"{type(error).__name__}: {error}") from error


class _Session(ClientSession):  # type: ignore[misc]
    """labgrid's session; a resource that goes away stays known, as one that is not available.

    labgrid empties its entry, and then fails on it with a KeyError wherever its manager looks at all resources.
    """

    async def on_resource_changed(self, exporter: str, group: str, name: str, resource: dict[str, Any]) -> None:
        entry = self.resources.get(exporter, {}).get(group, {}).get(name)
        if not resource and entry is not None:
            entry.data = {**entry.data, "avail": False, "acquired": None}
        elif resource:
            await super().on_resource_changed(exporter, group, name, resource)


class _Complaints(logging.Filter):
    """Keeps what labgrid's session logs, instead of having it printed: it is the reason of an error of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.last: str | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        if "labgrid" not in record.pathname or record.levelno < logging.WARNING:
            return True
        self.last = record.getMessage()
        return False


class Coordinator:
    """A connection, as a context manager; leaving it releases every place that is still held, or says that it cannot.

    Attributes:
        address: as the user gave it.

    Raises:
        DeviceMissing: on entry, when it does not answer.
            On exit, when a place could not be given back.
        InputError: on entry, when the address is none.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._complaints = _Complaints()
        self._held: set[str] = set()
        self._session: Any = None

    def __enter__(self) -> Coordinator:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tinykit-labgrid", daemon=True)
        self._thread.start()
        logging.getLogger().addFilter(self._complaints)
        try:
            try:
                target = proxymanager.get_grpc_address(self.address, default_port=DEFAULT_PORT)
            except Exception as error:  # of urllib and labgrid's ssh alike
                raise InputError(
                    "no address of a labgrid coordinator", where=self.address, why=str(error), hint="HOST, or HOST:PORT"
                ) from None
            self._session = self._call(self._connect(target), _CONNECT)
            manager = RemotePlaceManager.get()
            manager.session, manager.loop = self._session, self._loop
        except BaseException as error:
            self._end()
            if isinstance(error, (Error, TimeoutError, grpc.RpcError)):
                raise DeviceMissing(
                    "the labgrid coordinator does not answer",
                    where=self.address,
                    why=self._complaints.last or str(error) or f"nothing came in {_CONNECT:.0f} s",
                    hint="start labgrid-coordinator there, or correct --labgrid HOST:PORT",
                ) from None
            raise
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        kept: DeviceMissing | None = None
        for name in sorted(self._held):
            try:
                self.release(name)
            except DeviceMissing as failure:
                kept = failure
        self._end()
        if kept is not None and error is None:
            raise kept

    def places(self) -> dict[str, Any]:
        """labgrid's entries by name: ``tags``, ``acquired``, ``acquired_resources``."""
        return dict(self._session.places)

    def acquire(self, name: str, wait: float, sleep: Callable[[float], object]) -> None:
        """Have a place alone, on the whole lab.

        Args:
            wait: seconds to wait for another user.

        Raises:
            DeviceMissing: there is no such place, nobody exports what it is made of, or somebody else has it.
        """
        deadline = time.monotonic() + wait
        while True:
            entry = self._entry(name)
            if not entry.acquired:
                self._check_exported(entry)
                self._held.add(name)  # before it is asked for: an answer may be lost
                try:
                    self._call(self._acquire(name), _ANSWER)
                    return
                except grpc.RpcError as error:
                    self._held.discard(name)
                    if not self._entry(name).acquired:
                        raise self._failed("labgrid cannot acquire the place", name, error) from None
                except TimeoutError:
                    self.release(name)
                    raise DeviceMissing(
                        "labgrid did not acquire the place", where=self.where(name), why=f"no answer in {_ANSWER:.0f} s"
                    ) from None
            if time.monotonic() >= deadline:
                raise DeviceMissing(
                    "the place is in use",
                    where=self.where(name),
                    why=f"acquired by {self._entry(name).acquired}",
                    hint=f"wait until it is released; if nobody uses it any more: "
                    f"labgrid-client -x {self.address} -p {name} release",
                )
            sleep(_POLL)

    def release(self, name: str) -> None:
        """Give a place back; one that is not ours, or no longer, stays as it is.

        Raises:
            DeviceMissing: the coordinator does not answer: it still counts the place as ours.
        """
        try:
            self._call(self._release(name), _ANSWER)
        except (TimeoutError, grpc.RpcError) as error:
            raise self._failed("labgrid cannot release the place", name, error) from None
        self._held.discard(name)

    def check(self, name: str) -> None:
        """See that an acquired place is still ours, and complete.

        Raises:
            DeviceMissing: coordinator or exporter is gone, or somebody took the place away.
        """
        if self._session.stopping.is_set():
            raise DeviceMissing(
                "the labgrid coordinator is gone",
                where=self.where(name),
                why=self._complaints.last,
                hint="start it again; what it still counts as acquired, labgrid-client release gives back",
            )
        entry = self._session.places.get(name)
        if entry is None or entry.acquired != self._user():
            raise DeviceMissing(
                "the place is no longer ours",
                where=self.where(name),
                why="it was deleted" if entry is None else f"it is acquired by {entry.acquired or 'nobody'}",
                hint="somebody released or kicked it: ask who uses the lab",
            )
        for exporter, group, kind, resource in entry.acquired_resources:
            found = self._session.resources.get(exporter, {}).get(group, {}).get(resource)
            if found is None or not found.avail:
                raise DeviceMissing(
                    "the exporter no longer offers what the place is made of",
                    where=self.where(name),
                    why=f"{exporter}/{group}/{kind}/{resource} is gone",
                    hint=f"see that labgrid-exporter runs on {exporter}, and that the board is connected there",
                )

    def where(self, name: str) -> str:
        """A place in messages."""
        return f"place {name} of labgrid {self.address}"

    def _entry(self, name: str) -> Entry:
        entry = self._session.places.get(name)
        if entry is None:
            raise DeviceMissing(
                "the coordinator has no such place",
                where=self.where(name),
                hint=f"it has: {', '.join(sorted(self._session.places)) or 'none'}",
            )
        return entry

    def _check_exported(self, entry: Entry) -> None:
        """A place that lacks something could be acquired all the same, and would be of no use."""
        paths = [
            (exporter, group, resource.cls, name)
            for exporter, groups in self._session.resources.items()
            for group, resources in groups.items()
            for name, resource in resources.items()
            if resource.avail
        ]
        lacking = entry.unmatched(paths)
        if lacking is not None or not entry.matches:
            raise DeviceMissing(
                "nobody exports what the place is made of",
                where=self.where(entry.name),
                why="it has no matches" if lacking is None else f"nothing available matches {lacking}",
                hint=f"start labgrid-exporter there, and look at: labgrid-client -x {self.address} resources",
            )

    def _failed(self, what: str, name: str, error: BaseException) -> DeviceMissing:
        why = error.details() if isinstance(error, grpc.aio.AioRpcError) else str(error) or "no answer"
        hint = f"look at labgrid-client -x {self.address} -p {name} show; its subcommand release gives a place back"
        return DeviceMissing(what, where=self.where(name), why=why, hint=hint)

    def _user(self) -> str:
        """How the coordinator calls us."""
        return f"{self._session.gethostname()}/{self._session.getuser()}"

    async def _connect(self, target: str) -> _Session:
        session = _Session(target, asyncio.get_running_loop())
        try:
            await session.start()
        except BaseException:
            session.stopping.set()
            await session.stop()
            await session.close()
            raise
        return session

    async def _acquire(self, name: str) -> None:
        await self._session.stub.AcquirePlace(AcquirePlaceRequest(placename=name))
        await self._session.sync_with_coordinator()

    async def _release(self, name: str) -> None:
        await self._session.stub.ReleasePlace(ReleasePlaceRequest(placename=name, fromuser=self._user()))
        await self._session.sync_with_coordinator()

    async def _close(self) -> None:
        self._session.stopping.set()
        await self._session.stop()
        await self._session.close()

    def _call(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Have the loop's thread do something.

        Raises:
            TimeoutError: it takes too long.
        """
        try:
            return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), self._loop).result()
        except asyncio.TimeoutError:  # Python 3.10 has two of that name
            raise TimeoutError from None

    def _end(self) -> None:
        """Close the connection and end the loop's thread."""
        if self._session is not None:
            with contextlib.suppress(Exception):  # whatever it says, it is over
                self._call(self._close(), _ANSWER)
            RemotePlaceManager.get().session = None
        logging.getLogger().removeFilter(self._complaints)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
