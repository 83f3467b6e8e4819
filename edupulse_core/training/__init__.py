"""The training loop, evaluation and calibration that all families share."""
