"""Read HL7 v2 messages into chart records. Pure: no database, no network."""

from query_mgr.charts.hl7v2.ack import acknowledge
from query_mgr.charts.hl7v2.events import MessageHeader, header_of, label_of
from query_mgr.charts.hl7v2.fold import Folded, fold, people_of, rank
from query_mgr.charts.hl7v2.intake import looks_like, messages_in
from query_mgr.charts.hl7v2.message import Message, parse, with_patient
from query_mgr.charts.hl7v2.reader import Told, header_for, read_message
from query_mgr.charts.hl7v2.times import Times

__all__ = [
    "Folded",
    "Message",
    "MessageHeader",
    "Times",
    "Told",
    "acknowledge",
    "fold",
    "header_for",
    "header_of",
    "label_of",
    "looks_like",
    "messages_in",
    "parse",
    "people_of",
    "rank",
    "read_message",
    "with_patient",
]
