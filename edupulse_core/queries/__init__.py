"""Every read that pages offer; the viewer is the first argument."""
