"""An SMTP server in a process of its own that notes what it took, for benchmarks and the test of many workers."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

_ID = re.compile(rb"^Message-ID: <(\S+)>", re.MULTILINE | re.IGNORECASE)
Reply = Callable[[str, int, Any], tuple[str, float]]


class _Handler:
    def __init__(self, file: Path, seconds: float, reply: Reply | None) -> None:
        self._file, self._seconds, self._reply = file.open("a", buffering=1), seconds, reply
        self._seen: dict[str, int] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = _ID.search(envelope.content)
        name = found[1].decode() if found else "none"
        self._seen[name] = self._seen.get(name, 0) + 1
        if self._seconds:
            await asyncio.sleep(self._seconds)
        answer, silence = self._reply(name, self._seen[name], server) if self._reply else ("250 OK", 0.0)
        self._file.write(f"{name} {answer.partition(' ')[0]}\n")
        await asyncio.sleep(silence)
        return answer


async def _serve(listening: socket.socket, handler: _Handler) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="sink", loop=loop), sock=listening)
    await server.serve_forever()


@contextmanager
def a_sink(folder: Path, seconds: float = 0.0, reply: Reply | None = None) -> Iterator[tuple[int, Path]]:
    """Yield the port, and the file that gets a line "Message-ID reply" for each message.

    seconds: how long it takes over a message, as one does that writes it to its disk. reply: what it answers, told the
    Message-ID, how often it saw that, and the connection, and after how many seconds; "250 OK" at once otherwise.
    """
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    file = folder / "sink.txt"
    file.touch()
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            asyncio.run(_serve(listening, _Handler(file, seconds, reply)))
        finally:
            os._exit(0)
    port = listening.getsockname()[1]
    listening.close()
    try:
        yield port, file
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
