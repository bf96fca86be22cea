"""FHIR R4 over HTTP: charts that other systems post here."""
