"""Versions of models: registered, compared, activated."""
