"""Versions of the risk family that differ from the shipped one by their calibration alone."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

from edupulse_core.config import Settings
from edupulse_core.families import version as folders
from edupulse_core.lifecycle import registry

NOT_COPIED = {folders.MANIFEST, "forms.json", "serving.onnx", "serving-int8.onnx"}


def shifted(home: Settings, name: str, by: float) -> Path:
    """The active version with every score's logit shifted; its order stays."""
    shipped = registry.active_version(home, "risk")
    folder = home.home / "models" / "risk" / name

    def fill(half: Path) -> None:
        for path in shipped.iterdir():
            if path.name not in NOT_COPIED:
                shutil.copy(path, half)
        found = json.loads((half / "calibration.json").read_text())
        found["calibrated"] = [each + by for each in found["calibrated"]]
        (half / "calibration.json").write_text(json.dumps(found))

    about = replace(folders.header(shipped), version=name, created_at="2026-11-29T00:00:00+00:00")
    folders.save(folder, about, fill)
    return folder
