"""What came in over which interface, what became of it, and what of it waits for a person."""

from query_mgr.charts.intake.ledger import Arrival
from query_mgr.charts.intake.models import ImportRun, Intake, IntakePart

__all__ = ["Arrival", "ImportRun", "Intake", "IntakePart"]
