"""Classmates: who shares sections with whom, and networks that look at them."""
