"""Payers and their policies: what is covered, for which diagnoses, how often and for whom, by effective date."""
