"""Say one message to a receiver over MLLP and hear its answer."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass

from query_mgr.charts.framing import END, VT, Framer, TooLong
from query_mgr.charts.hl7v2.message import Message, parse
from query_mgr.charts.problems import Rejection
from query_mgr.delivery.retry import DeliveryError, Failure

_LONGEST_ANSWER = 1 << 20  # bytes


@dataclass(frozen=True)
class Receiver:
    """Where a message goes. seconds: for connecting, sending and waiting for the answer together."""

    host: str
    port: int
    seconds: float
    secure: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Answer:
    """What a receiver said: MSA-1 (or an HTTP status), and its own words, which may quote the message."""

    code: str
    text: str = ""


def exchange(receiver: Receiver, message: str, control_id: str) -> Answer:
    """Send `message` and return the answer to its control id; answers to other messages are passed over.

    Raises DeliveryError, which says whether the receiver may have the message.
    """
    deadline = time.monotonic() + receiver.seconds
    try:
        raw = socket.create_connection((receiver.host, receiver.port), timeout=receiver.seconds)
    except OSError as error:
        raise _failure("could not be reached", error) from None
    with raw:
        try:
            connection = (
                receiver.secure.wrap_socket(raw, server_hostname=receiver.host) if receiver.secure else raw
            )
        except OSError as error:
            raise _failure("did not agree to a safe connection", error) from None
        with connection:
            try:
                connection.sendall(VT + message.encode() + END)
                return _answer(connection, control_id, deadline)
            except TimeoutError:
                raise DeliveryError(
                    Failure(
                        "the billing system did not answer in time", False, is_uncertain=True, is_unanswered=True
                    )
                ) from None
            except OSError as error:
                raise _failure("hung up before it answered", error, is_uncertain=True) from None


def _failure(words: str, error: OSError, is_uncertain: bool = False) -> DeliveryError:
    kind = type(error).__name__
    words = f"the billing system {words} ({kind})"
    return DeliveryError(Failure(words, False, is_uncertain=is_uncertain, is_unanswered=True))


def _answer(connection: socket.socket, control_id: str, deadline: float) -> Answer:
    framer = Framer(_LONGEST_ANSWER)
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        packet = connection.recv(65536)
        if not packet:
            raise ConnectionResetError
        for frame in framer.feed(packet):
            found = _read(frame, control_id)
            if found:
                return found
        try:
            framer.check_length()
        except TooLong:
            raise ConnectionAbortedError from None
    raise TimeoutError


def _read(frame: bytes, control_id: str) -> Answer | None:
    """Return what a frame answers to our message; None where it is none, or answers another one."""
    try:
        message = parse(frame.decode("utf-8", "replace"))
    except Rejection:
        return None
    msa = message.first("MSA")
    if msa is None or msa.text(2) != control_id:
        return None
    return Answer(msa.text(1).upper()[:10], _words(message))


def _words(message: Message) -> str:
    """Return MSA-3 and what ERR says besides: its place, its condition, its text for people."""
    msa = message.first("MSA")
    said = [msa.text(3) if msa else ""]
    for error in message.of("ERR"):
        said += [error.text(2), error.text(3, 1), error.text(3, 2), error.text(7), error.text(8)]
    return " · ".join(dict.fromkeys(filter(None, said)))[:2000]
