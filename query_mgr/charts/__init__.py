"""Slice under construction."""
