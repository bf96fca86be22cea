"""`python -m tests.bench.mllp_server ours|floor FOLDER`: a listener of its own process; prints its port."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

from app import create_app
from query_mgr.charts.hl7_cli import FeedInbox
from query_mgr.charts.mllp import Listener
from tests.conftest import settings_for


async def serve_ours(folder: Path) -> None:
    """Serve the application's feed from the database that lies in `folder`."""
    listener = Listener(FeedInbox(create_app(settings_for(folder, f"sqlite:///{folder / 'bench.sqlite'}"))))
    print(await listener.start("127.0.0.1", 0), flush=True)
    await asyncio.Event().wait()


async def serve_floor(folder: Path) -> None:
    """Serve the least that keeps messages: split into fields, one FULL commit each, answer."""
    raw = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, kind TEXT, control_id TEXT, text TEXT)")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                frame = await reader.readuntil(b"\x1c\r")
            except asyncio.IncompleteReadError:
                return
            text = frame[1:-2].decode()
            segments = [[field.split("^") for field in line.split("|")] for line in text.split("\r") if line]
            control, kind = segments[0][9][0], "^".join(segments[0][8])
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("INSERT INTO message (kind, control_id, text) VALUES (?, ?, ?)", (kind, control, text))
            raw.execute("COMMIT")
            writer.write(f"\x0bMSH|^~\\&|||||||ACK|{control}|P|2.5.1\rMSA|AA|{control}\r\x1c\r".encode())
            await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run({"ours": serve_ours, "floor": serve_floor}[sys.argv[1]](Path(sys.argv[2])))
