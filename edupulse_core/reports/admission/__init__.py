"""Reports of the admission family."""
