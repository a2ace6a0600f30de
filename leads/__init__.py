"""Leads, sources, conversion, distribution."""
