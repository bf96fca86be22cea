"""Read a FHIR R4 bundle into a ChartBundle. Pure: no database, no network, nothing but the given bytes."""

from query_mgr.charts.fhir.bundle import Reading, read_bundle
from query_mgr.charts.fhir.problems import Rejection

__all__ = ["Reading", "Rejection", "read_bundle"]
