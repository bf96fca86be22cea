"""Charts fetched from a FHIR server: SMART Backend Services, then Bulk Data export or search."""
