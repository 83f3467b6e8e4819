"""How fast each form serves, how far its scores are from PyTorch eager's, and what it weighs.

`edupulse bench inference [--quick] [--json]`. All forms take turns in the same
run: five rounds, every form in each, the median counts. Windows come from a fictional district; the
pruned form was trained a little more on another one.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

from edupulse_core import demo
from edupulse_core.actions.imports import import_bundle
from edupulse_core.config import Settings, load_settings
from edupulse_core.families import onnx
from edupulse_core.families.family import Split
from edupulse_core.families.risk import attribution, checkpoint, serve
from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.explain import explain_all
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build, sequences
from edupulse_core.lifecycle.registry import active_version
from edupulse_core.people.actor import OPERATOR
from edupulse_core.training.loop import LoopOptions
from edupulse_core.warehouse import snapshots
from tests.benchmarks import forms
from tests.benchmarks.command import carry_out

SIZES = (1, 32, 128, 1024)
ROUNDS = 5
WEIGHTS = "weights.safetensors"
REFERENCE = {  # what the first design set out to reach
    "megabytes": {"fp32": 12.5, "int8": 3.2, "pruned": 8.1},
    "gpu_milliseconds": (3, 10, 25),
}
RISK = family_named("risk")
QUICK = LoopOptions(epochs=2, batch=128, learning_rate=1e-3)
LABELED = """
select o.student_id, o.week_start, o.severity > 0 as flagged
from outcomes o
join student_weeks w using (student_id, week_start)
where o.severity is not null and w.history_weeks >= 4
order by hash(o.student_id || o.week_start::varchar)
limit $n
"""
MEMORY = """
import sys
import numpy as np
from pathlib import Path
from edupulse_core.families.risk.serve import load
values = np.load(sys.argv[2])
load(Path(sys.argv[1]), form=sys.argv[3]).predict(values, np.ones(values.shape[:2], bool))
for line in open("/proc/self/status"):
    if line.startswith(("VmRSS", "VmHWM")):
        print(int(line.split()[1]) / 1024)
"""


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """All figures of all forms; times in milliseconds, memory in MB, sizes in bytes."""
    with tempfile.TemporaryDirectory() as made:
        return _measured(settings, Path(made), quick)


def _measured(settings: Settings, made: Path, quick: bool) -> dict[str, Any]:
    folder = active_version(settings, "risk")
    names = ["eager", "onnx", "int8", *(["cuda"] if serve.has_gpu() else [])]
    windows, flagged = _windows(made / "asked", students=300 if quick else 1200)
    values, observed = windows.values, windows.observed
    engines = {name: serve.load(folder, form=name) for name in names}
    lessons = _lessons(made / "taught", students=300 if quick else 1200)
    small = forms.pruned(folder, lessons, made / "pruned", QUICK if quick else forms.FINE)
    engines["pruned"] = serve.load(small, form="onnx")
    engines["torchscript"] = forms.torchscript(folder, made / "traced.pt")
    places = {name: (folder / serve.FILES.get(name, WEIGHTS), folder, name) for name in names}
    places["pruned"] = (small / serve.FILES["onnx"], small, "onnx")
    places["torchscript"] = (made / "traced.pt", folder, "torchscript")
    scores = {name: each.predict(values, observed).score for name, each in engines.items()}
    times = {n: _rounds(engines, values[:n], observed[:n]) for n in SIZES}
    bulk = _rounds(engines, *_repeated(values, observed, 2_000 if quick else 10_000), rounds=3)
    rows = {
        name: {
            "milliseconds": {n: times[n][name] for n in SIZES},
            "times_eager": {n: times[n]["eager"] / times[n][name] for n in SIZES},
            "students_per_second": (2_000 if quick else 10_000) / bulk[name] * 1000,
            "file_bytes": places[name][0].stat().st_size,
            "largest_score_difference": float(np.abs(scores[name] - scores["eager"]).max()),
            "batch_dependence": _dependence(engines[name], values, observed),
            "auc_any_flag": float(roc_auc_score(flagged, scores[name])),
            "memory_mb": _memory(*places[name], values[:512]),
        }
        for name in engines
    }
    for row in rows.values():
        row["auc_lost"] = rows["eager"]["auc_any_flag"] - row["auc_any_flag"]
    return {
        "version": engines["onnx"].version,
        "cores": onnx.cores(),
        "windows": len(values),
        "forms": rows,
        "reference": REFERENCE,
        "parameters": {
            name: _parameters(at) for name, at in (("eager", folder), ("pruned", small))
        },
        "explanations": _explanations(settings, folder, engines["onnx"], values, observed),
    }


@contextmanager
def _district(home: Path, students: int, seed: int) -> Iterator[tuple[Settings, Any]]:
    """A fictional district that no shipped model has seen, and a connection to its features."""
    settings = load_settings(home=home)
    demo.write(home / "bundle", students=students, truth=False, learning=False, seed=seed)
    import_bundle(OPERATOR, settings, home / "bundle")
    snapshot = snapshots.current(settings)
    build.ensure(settings, snapshot)
    with snapshots.connect(settings, snapshot, features=True) as con:
        yield settings, con


def _lessons(home: Path, students: int) -> Split[Examples]:
    """What the pruned network is trained on a little more."""
    with _district(home, students, seed=20_262) as (settings, con):
        return RISK.splits(RISK.read(con, settings.all_rules))[0]


def _windows(home: Path, students: int) -> tuple[sequences.Windows, np.ndarray]:
    """Labeled windows to be scored."""
    with _district(home, students, seed=20_261) as (_, con):
        rows = con.sql(LABELED, params={"n": 4096}).to_arrow_table()
        rows = rows.sort_by([("student_id", "ascending"), ("week_start", "ascending")])
        found = sequences.windows(con, rows.select(["student_id", "week_start"]))
    return found, np.asarray(rows["flagged"].to_pylist(), bool)


def _rounds(
    engines: dict[str, serve.Engine], values: Any, observed: Any, rounds: int = ROUNDS
) -> dict[str, float]:
    """Milliseconds of one call of each form: the median of rounds in which all take turns."""
    repeats = max(1, 64 // len(values))
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for each in engines.values():
        each.logits(values, observed)
    for _ in range(rounds):
        for name, each in engines.items():
            taken[name].append(_milliseconds(lambda e=each: e.logits(values, observed), repeats))
    return {name: median(found) for name, found in taken.items()}


def _milliseconds(work: Callable[[], Any], repeats: int = 1) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - started) / repeats * 1000


def _repeated(values: Any, observed: Any, n: int) -> tuple[Any, Any]:
    chosen = np.arange(n) % len(values)
    return values[chosen], observed[chosen]


def _parameters(folder: Path) -> int:
    return sum(each.numel() for each in checkpoint.load(folder).network.parameters())


def _dependence(each: serve.Engine, values: Any, observed: Any) -> float:
    """The largest difference between a student alone and anywhere in a batch of 512."""
    n = min(64, len(values))
    alone = np.array(
        [each.predict(values[i : i + 1], observed[i : i + 1]).score[0] for i in range(n)]
    )
    rng = np.random.default_rng(0)
    worst = 0.0
    for _ in range(3):
        order = rng.permutation(len(values))[: 512 - n]
        order = rng.permutation(np.concatenate([np.arange(n), order]))
        found = each.predict(values[order], observed[order]).score
        own = order < n
        worst = max(worst, float(np.abs(found[own] - alone[order[own]]).max()))
    return worst


def _memory(_: Path, folder: Path, name: str, values: Any) -> dict[str, float] | None:
    """Memory of a process of its own that loads the form and scores 512 students."""
    if not Path("/proc/self/status").exists() or name == "torchscript":
        return None
    with tempfile.NamedTemporaryFile(suffix=".npy") as given:
        np.save(given, np.nan_to_num(values))
        given.flush()
        command = [sys.executable, "-c", MEMORY, str(folder), given.name, name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak, resident = (round(float(line), 1) for line in done.stdout.split())
    return {"peak": peak, "resident": resident}


def _explanations(
    settings: Settings, folder: Path, each: serve.Engine, values: Any, observed: Any
) -> dict[str, Any]:
    """Quick attributions against those of the heatmap."""
    n = min(100, len(values))
    part, seen = values[:n], observed[:n]
    norms = np.broadcast_to(np.nanmedian(values[:, -1], axis=0), (n, values.shape[2]))
    norms = norms.astype(np.float64)
    explain_all(settings, folder, part[:1], seen[:1], norms[:1])
    one = _milliseconds(lambda: explain_all(settings, folder, part[:1], seen[:1], norms[:1]))
    started = time.perf_counter()
    exact = explain_all(settings, folder, part, seen, norms)
    hundred = (time.perf_counter() - started) * 1000
    reference = np.stack([one.attributions for one in exact])
    quick = {}
    for points in (1, 3, attribution.POINTS, 8):
        found = attribution.attribute(each, part, seen, norms, points=points)
        taken = _milliseconds(
            lambda p=points: attribution.attribute(each, part, seen, norms, points=p)
        )
        quick[points] = {
            "students_per_second": n / taken * 1000,
            "top_five_shared": _shared(found, reference),
        }
    return {
        "one_milliseconds": one,
        "hundred_milliseconds": hundred,
        "completeness_error_median": float(np.median([e.completeness_error for e in exact])),
        "completeness_error_largest": float(max(e.completeness_error for e in exact)),
        "quick_by_points": quick,
    }


def _shared(found: Any, reference: Any, count: int = 5) -> float:
    """Mean share of the top features that two attributions have in common."""
    tops = [np.argsort(-np.abs(a.sum(axis=1)), axis=1)[:, :count] for a in (found, reference)]
    pairs = zip(*tops, strict=True)
    return float(np.mean([len({*a} & {*b}) / count for a, b in pairs]))


def show(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    console = Console(soft_wrap=True)
    speed = _table(
        f"Speed of {figures['version']} on {figures['cores']} cores, ms a batch (times eager)",
        ("form", *(f"{n:,}" for n in SIZES), "students/s", "memory MB"),
    )
    trust = _table(
        "Size and trust",
        ("form", "file MB", "score difference", "batch dependence", "AUC, any flag", "AUC lost"),
    )
    for name, row in figures["forms"].items():
        speed.add_row(
            name,
            *(f"{row['milliseconds'][n]:.2f} ({row['times_eager'][n]:.1f}x)" for n in SIZES),
            f"{row['students_per_second']:,.0f}",
            f"{row['memory_mb']['peak']:.0f}" if row["memory_mb"] else "",
        )
        trust.add_row(
            name,
            f"{row['file_bytes'] / 1e6:.2f}",
            f"{row['largest_score_difference']:.1e}",
            f"{row['batch_dependence']:.1e}",
            f"{row['auc_any_flag']:.4f}",
            f"{row['auc_lost']:.1e}",
        )
    console.print(speed)
    console.print(trust)
    console.print(
        "Reference: "
        + ", ".join(f"{name} {size} MB" for name, size in REFERENCE["megabytes"].items())
        + f"; on a GPU {', '.join(map(str, REFERENCE['gpu_milliseconds']))} ms. "
        + ("" if "cuda" in figures["forms"] else "Here is no GPU to measure on. ")
        + f"Pruned to {figures['parameters']['pruned']:,} of {figures['parameters']['eager']:,} "
        "parameters."
    )
    why = figures["explanations"]
    console.print(
        f"Integrated Gradients: {why['one_milliseconds']:.0f} ms for one, "
        f"{why['hundred_milliseconds'] / 1000:.1f} s for 100; completeness error "
        f"{why['completeness_error_median']:.1e} median, "
        f"{why['completeness_error_largest']:.1e} largest"
    )
    for points, row in why["quick_by_points"].items():
        console.print(
            f"  {points} points: {row['students_per_second']:,.0f} students/s, "
            f"{row['top_five_shared']:.0%} of the five strongest features shared"
        )


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column == "form" else "right")
    return table


if __name__ == "__main__":
    sys.exit(carry_out("inference", run, sys.argv[1:], show=show))
