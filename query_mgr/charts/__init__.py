"""Patients, encounters, documents and facts as they came from the hospital."""
