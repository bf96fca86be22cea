"""The MLLP listener: HL7 v2 over TCP, answered only once a message is on the disk.

While one transaction is on its way, what comes on all connections gathers and is kept in the next one; so eight
connections share the price of one commit. Charts follow when the feed draws breath, or when they are too far behind.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from config.settings import Settings
from query_mgr.charts.framing import END, VT, Framer, TooLong

LONGEST = 50 * 1024 * 1024  # bytes of one message
PATIENCE = 30.0  # seconds until a message that was begun must have come whole
TOO_LONG = b"MSH|^~\\&|QUERY_MGR|||||ACK|1|P|2.5.1\rMSA|AR|\rERR|||207^Application internal error^HL70357|E||||longer than 50 MB\r"
_HANDSHAKE = 10.0  # seconds until TLS must stand
_PACKET = 64 * 1024
_AHEAD = 64  # messages of one connection that are read before the first is answered
_GATHERING = 0.0005  # seconds that a message waits at most for those of other connections
_TOGETHER = 64  # messages of one transaction
_MOST_BYTES_TOGETHER = 4 * 1024 * 1024
_MOST_BYTES = 64 * 1024 * 1024  # unanswered bytes of all connections, beyond which nothing more is read
_BREATH = 0.02  # seconds without a message after which charts are brought up to date
_BEHIND_SECONDS, _BEHIND_MESSAGES = (
    2.0,
    1_000,
)  # charts are never further behind than this before they have their turn
_log = logging.getLogger(__name__)


class Inbox(Protocol):
    """What keeps messages and takes them into charts.

    It is called on the event loop itself: what comes while it writes waits in the sockets and is kept in the next
    transaction, and no switch of threads is paid for a message.
    """

    def receive(self, frames: Sequence[bytes]) -> list[list[bytes]]:
        """Keep what frames hold and return the acknowledgements of each."""

    def catch_up(self) -> bool:
        """Take some of what was kept into charts; return whether there was any."""


class _Connection:
    """One sender. Its messages are kept in the order in which they came, so their answers are written as they are ready."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer, self._unanswered = writer, 0
        self._is_quiet, self._has_room = asyncio.Event(), asyncio.Event()
        self._is_quiet.set()
        self._has_room.set()

    def ask(self) -> None:
        """Note that a message of it waits for its answer."""
        self._unanswered += 1
        self._is_quiet.clear()
        if self._unanswered >= _AHEAD:
            self._has_room.clear()

    def answer(self, replies: list[bytes] | None) -> None:
        """Answer its next message; None ends the connection, whose sender then sends again what was not answered."""
        if replies is None:
            self._writer.close()
        elif not self._writer.is_closing():
            self._writer.write(b"".join(VT + reply + END for reply in replies))
        self._unanswered -= 1
        if self._unanswered < _AHEAD:
            self._has_room.set()
        if not self._unanswered:
            self._is_quiet.set()

    async def room(self) -> None:
        """Wait until it may send on: its answers are on their way, and not too many of its messages wait for one."""
        await self._has_room.wait()
        await self._writer.drain()

    async def quiet(self) -> None:
        """Wait until all that came is answered."""
        await self._is_quiet.wait()


class _Frame(NamedTuple):
    content: bytes
    connection: _Connection


class OncePerMinute:
    """Lets a complaint through once a minute, with the number of those like it since; the clock counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._last, self._since = clock, -60.0, 0

    def complain(self, text: str) -> None:
        """Log `text`, or only count it."""
        self._since += 1
        if self._clock() - self._last >= 60:
            _log.warning("%s (%d in the last minute)", text, self._since)
            self._last, self._since = self._clock(), 0


class Listener:
    """Takes connections; messages of one connection are kept and answered in order."""

    def __init__(self, inbox: Inbox, *, longest: int = LONGEST, patience: float = PATIENCE) -> None:
        self._inbox, self._longest, self._patience = inbox, longest, patience
        self._server: asyncio.Server | None = None
        self._queue: asyncio.Queue[_Frame | None] = asyncio.Queue()
        self._is_stopping = False
        self._secure: ssl.SSLContext | None = None
        self._room = asyncio.Event()
        self._unanswered = 0  # bytes
        self._open = 0  # connections
        self._together = 1  # messages of the last transaction
        self._behind, self._behind_since = 1, 0.0  # what a crash left in the inbox comes first
        self._refusals = OncePerMinute()
        self._work: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int, secure: ssl.SSLContext | None = None) -> int:
        """Listen, and return the port."""
        self._room.set()
        loop = asyncio.get_running_loop()
        self._behind_since = loop.time()
        self._server = await asyncio.start_server(self._serve, host, port, limit=_PACKET)
        self._secure = secure
        self._work = loop.create_task(self._keep_answering())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more connections; what was begun is finished first, charts included."""
        self._is_stopping = True
        if self._server is not None:
            self._server.close()
        self._queue.put_nowait(None)
        if self._work is not None:
            await self._work
        while self._inbox.catch_up():
            await asyncio.sleep(0)  # the last answers leave meanwhile

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._secure is not None:
            try:  # here and not by the server itself, which would tell nobody who was turned away
                await writer.start_tls(self._secure, ssl_handshake_timeout=_HANDSHAKE)
            except (OSError, TimeoutError):
                self._refusals.complain("a connection without valid TLS was closed")
                writer.close()
                return
        connection = _Connection(writer)
        self._open += 1
        try:
            await self._read(reader, connection)
            await connection.quiet()  # all that was read is answered before the connection ends
        except TooLong:
            await connection.quiet()
            writer.write(VT + TOO_LONG + END)
            await writer.drain()
        except (OSError, TimeoutError):
            await connection.quiet()  # half a message is none: its sender gets no answer and sends it again
        finally:
            self._open -= 1
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, connection: _Connection) -> None:
        """Put the frames of a connection in the queue. Waits for ever for a message to begin, but not for its end."""
        framer, loop = Framer(self._longest), asyncio.get_running_loop()
        deadline: float | None = None
        while True:
            async with asyncio.timeout_at(deadline):
                packet = await reader.read(_PACKET)
            if not packet:
                return
            was_waiting = framer.is_waiting
            frames = framer.feed(packet)
            for content in frames:
                await self._room.wait()
                await connection.room()
                connection.ask()
                self._unanswered += len(content)
                if self._unanswered > _MOST_BYTES:
                    self._room.clear()
                self._queue.put_nowait(_Frame(content, connection))
            framer.check_length()
            if not framer.is_waiting:
                deadline = None
            elif frames or not was_waiting:
                deadline = loop.time() + self._patience

    async def _keep_answering(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_stopping or not self._queue.empty():
            frames = await self._next_ones(_BREATH if self._behind else None)
            if frames:
                self._behind_since = self._behind_since if self._behind else loop.time()
                self._behind += len(frames)
                self._answer(frames)
                waited = loop.time() - self._behind_since
                if self._behind < _BEHIND_MESSAGES and waited < _BEHIND_SECONDS:
                    continue
            await self._catch_up()

    async def _next_ones(self, patience: float | None = None) -> list[_Frame]:
        """Return what has come, in order; nothing where nothing comes in time."""
        found: list[_Frame] = []
        try:
            async with asyncio.timeout(patience):
                one = await self._queue.get()
        except TimeoutError:
            return []
        await self._gather()
        size = 0
        while one is not None:
            found.append(one)
            size += len(one.content)
            if len(found) == _TOGETHER or size > _MOST_BYTES_TOGETHER or self._queue.empty():
                break
            one = self._queue.get_nowait()
        self._together = len(found)
        return found

    async def _gather(self) -> None:
        """Let the other connections hand in what they have, until as many came as last time: one commit is for all."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _GATHERING
        while self._open > 1:
            await asyncio.sleep(0)
            if self._queue.qsize() + 1 >= self._together or loop.time() >= until:
                return

    def _answer(self, frames: Sequence[_Frame]) -> None:
        contents = [one.content for one in frames]
        try:
            replies = self._inbox.receive(contents)
        except Exception as error:
            _log.error("%d message(s) not kept and not answered: %s", len(frames), type(error).__name__)
            replies = []
        for number, one in enumerate(frames):
            one.connection.answer(replies[number] if replies else None)
        self._unanswered -= sum(map(len, contents))
        if self._unanswered <= _MOST_BYTES:
            self._room.set()

    async def _catch_up(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            more = self._inbox.catch_up()
        except Exception as error:
            _log.error("charts are not up to date: %s; trying again", type(error).__name__)
            await asyncio.sleep(1)
            more = True
        self._behind, self._behind_since = int(more), loop.time()


def secure_context(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS context of the settings, or None where there is none. Raises OSError for unreadable files."""
    if not settings.hl7_tls_certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.hl7_tls_certificate, settings.hl7_tls_key or None)
    if settings.hl7_tls_client_ca:
        context.load_verify_locations(settings.hl7_tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
