"""The dashboard: pages that ask and show."""
