"""EduPulse: who needs help this week, how strongly, and why."""

import os

__version__ = "0.1.0"

# ONNX Runtime would tell its makers what runs here; it reads this once, when it is first imported
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
