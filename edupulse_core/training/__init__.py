"""The one training loop, evaluation and calibration; knows no family."""
