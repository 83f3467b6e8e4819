"""The dashboard: pages that read and show."""
