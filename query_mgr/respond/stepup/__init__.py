"""Proving who answers: levels, factors, remembered devices, sessions, limits, enrolment."""
