"""Runs long tasks in the background: takes their rows from the store and calls actions."""
