"""What another computer needs to score with a version: its graphs, numbers, and a scorer."""

import json
from pathlib import Path
from typing import Any

from edupulse_core.config import Rules
from edupulse_core.families import version as whole
from edupulse_core.families.risk import blend, linear, serve, trees
from edupulse_core.families.risk.learned import BLEND, BOOSTING, LOGISTIC, NETWORK
from edupulse_core.families.risk.tiers import TIERS
from edupulse_core.families.risk.version import Version, verify

NETWORK_FILE = "model.onnx"
NUMBERS = "model.json"
SCORER = "score.py"
README = "README.md"
KNOWN_BY = ("att_absence_rate_1w", "grd_score_mean_4w")  # either tells that a week has data


def contents(folder: Path, rules: Rules) -> dict[str, bytes]:
    """The files of an export, by name, for a district with these rules.

    Raises ModelError when the version is not whole.
    """
    trained = verify(folder)
    names = blend.read(folder).names if trained.algorithm == BLEND else (trained.algorithm,)
    about = _numbers(folder, trained, rules)
    found: dict[str, bytes] = {}
    if NETWORK in names:
        found[NETWORK_FILE] = (
            serve.content(folder, "onnx") if serve.has_files(folder) else serve.graph(folder)
        )
    if BOOSTING in names:
        found |= {name: whole.read(folder, name) for name in (trees.SCORE, trees.LEVELS)}
        about["trees"] = whole.read_json(folder, trees.LINE)
    if LOGISTIC in names:
        lines = linear.read(folder)
        about["linear"] = {
            name: getattr(lines, name).tolist() for name in ("last", "mean", "start")
        }
    if trained.algorithm == BLEND:
        about["blend"] = whole.read_json(folder, blend.FILE)
    text = json.dumps(about, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    here = Path(__file__).parent
    return {
        **found,
        NUMBERS: text.encode(),
        SCORER: (here / "standalone.py").read_bytes(),
        README: _readme(trained, about, [*found]).encode(),
    }


def _numbers(folder: Path, trained: Version, rules: Rules) -> dict[str, Any]:
    """What the scorer reads besides the graphs."""
    about, bands = whole.header(folder), trained.bands_under(rules.outcomes)
    return {
        "family": about.family,
        "version": trained.name,
        "algorithm": trained.algorithm,
        "created_at": about.created_at,
        "data_range": list(about.data_range),
        "length": trained.length,
        "features": list(trained.features),
        "mean": [float(each) for each in trained.mean],
        "std": [float(each) for each in trained.std],
        "calibration": trained.calibration.as_json(),
        "tiers": {"names": list(TIERS), "edges": list(rules.outcomes.tiers)},
        "is_calibrated_for_tiers": trained.fits(rules.outcomes),
        "bands": bands and bands.as_json(),
        "known_by": [name for name in KNOWN_BY if name in trained.features],
        "least_known_weeks": rules.outcomes.min_history_weeks,
    }


def _readme(trained: Version, about: dict[str, Any], graphs: list[str]) -> str:
    shares = (
        "the lowest and highest level that the outcome is likely to have, and the probability of "
        "each level"
        if about["is_calibrated_for_tiers"]
        else "no probabilities, because the model was calibrated for other levels than the "
        "district's"
    )
    listed = ", ".join(f"`{name}`" for name in graphs) or "no graph: the weights are in the JSON"
    return f"""# EduPulse risk model {trained.name}

Scores students on a computer without EduPulse. It needs Python 3.11, numpy and onnxruntime:

    pip install numpy onnxruntime
    python score.py features.csv --out scores.csv

`features.csv` is the file that `edupulse features --out features.csv` writes on the district's
server. The newest week in it is scored; `--week 2026-03-02` scores the week of that Monday. Arrays
work too: `windows.npz` with `values` (students, {trained.length}, {len(trained.features)}) and
`observed` (students, {trained.length}).

Each line of the result has the score in 0..1, the risk level (column `tier`), and
{shares}. A student about whom fewer than {about["least_known_weeks"]} weeks are known is left out.

* `score.py`: the scorer. From Python: `Scorer(folder).predict(values, observed)`.
* `model.json`: features in order, mean and spread, calibration, bands, and where levels begin.
* Graphs: {listed}.

A score says how likely trouble is, not what somebody will do. It is a reason to talk with a
student, never a decision. Features and scores are records of students: keep them where only staff
can read them.
"""
