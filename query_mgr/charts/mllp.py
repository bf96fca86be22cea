"""The MLLP listener: HL7 v2 over TCP, answered only once a message is on the disk.

Source: HL7 v2 Transport Specification, MLLP release 1: VT, message, FS, CR.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from config.settings import Settings

VT, END = b"\x0b", b"\x1c\r"
LONGEST = 50 * 1024 * 1024  # bytes of one message
PATIENCE = 30.0  # seconds until a message that was begun must have come whole
TOO_LONG = b"MSH|^~\\&|QUERY_MGR|||||ACK|1|P|2.5.1\rMSA|AR|\rERR|||207^Application internal error^HL70357|E||||longer than 50 MB\r"

Answer = Callable[[bytes, str], list[bytes]]


class Listener:
    """Takes connections; messages of one connection are answered in order, and one after the other overall.

    answer: what turns the bytes of a frame and the name of its sender into acknowledgements. It runs in a thread of
    its own, so that a slow database stops nobody from connecting.
    """

    def __init__(self, answer: Answer, *, longest: int = LONGEST, patience: float = PATIENCE) -> None:
        self._answer, self._longest, self._patience = answer, longest, patience
        self._worker = ThreadPoolExecutor(1, "mllp")
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, secure: ssl.SSLContext | None = None) -> int:
        """Listen, and return the port."""
        self._server = await asyncio.start_server(self._serve, host, port, ssl=secure, limit=self._longest)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more connections; what was begun is finished first."""
        if self._server is not None:
            self._server.close()
        await asyncio.get_running_loop().run_in_executor(None, self._worker.shutdown)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("?",))[0])
        try:
            while frame := await self._next_frame(reader):
                loop = asyncio.get_running_loop()
                for reply in await loop.run_in_executor(self._worker, self._answer, frame, peer):
                    writer.write(VT + reply + END)
                await writer.drain()
        except asyncio.LimitOverrunError:
            writer.write(VT + TOO_LONG + END)
            await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, RuntimeError):
            pass  # half a message is no message: its sender gets no answer and sends it again
        finally:
            writer.close()

    async def _next_frame(self, reader: asyncio.StreamReader) -> bytes:
        """Return the next frame's bytes, b"" at the end of the connection. Waits as long as nobody has begun one."""
        while True:
            first = await reader.read(1)
            if not first:
                return b""
            body = await asyncio.wait_for(reader.readuntil(END), self._patience)
            frame = (first + body).removesuffix(END).strip(VT + b"\x1c\r\n")
            if frame:
                return frame


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
