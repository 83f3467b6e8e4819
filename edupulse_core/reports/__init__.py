"""Typed results turned into pages: receives data, asks nothing."""
