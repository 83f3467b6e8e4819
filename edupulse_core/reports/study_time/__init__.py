"""Evaluations of the study time models."""
