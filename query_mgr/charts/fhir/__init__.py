"""Read a FHIR R4 bundle into a ChartBundle. Pure: no database, no network, nothing but the given bytes."""

from query_mgr.charts.fhir.bundle import read_bundle
from query_mgr.charts.problems import Rejection
from query_mgr.charts.records import Reading

__all__ = ["Reading", "Rejection", "read_bundle"]
