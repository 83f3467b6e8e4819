"""Turns typed results into pages; it receives data and queries nothing."""
