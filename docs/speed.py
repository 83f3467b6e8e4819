"""What the benchmarks of speed printed, kept in `docs/figures.json`, and its tables.

`edupulse bench NAME --json > FILE`, then `python -m docs.speed NAME FILE` keeps a new run.
"""

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from docs.tables import HERE, measured_on, table

FIGURES = HERE / "figures.json"
KEPT = ("score", "inference", "screen")
STAGES = {
    "ingest": "`edupulse ingest`",
    "features": "`edupulse features`",
    "score": "`edupulse score`, reasons included",
    "list": "the list opens",
}
FORMS = {"onnx": "as served", "int8": "int8 weights", "eager": "PyTorch eager"}
SIZES = {
    "1": "one student",
    "32": "a batch of 32",
    "128": "a batch of 128",
    "1024": "a batch of 1,024",
}


def _found(name: str) -> Any:
    return json.loads(FIGURES.read_text(encoding="utf-8"))[name]["found"]


def score() -> str:
    """From files to the list, stage by stage."""
    found = _found("score")
    rows = [
        {"stage": words, "seconds": f"{found['stages'][name]['seconds']:.0f}"}
        for name, words in STAGES.items()
    ]
    most = f"{found['peak_mb'] / 1000:.1f} GB of memory at most"
    rows.append({"stage": f"together, {most}", "seconds": f"{found['seconds']:.0f}"})
    head = f"\nFrom files to the list, {found['students']:,} students. `edupulse bench score`."
    return f"{head}{measured_on('score')}{table(rows)}"


def inference() -> str:
    """How fast each form of the network serves, and how far its scores are from eager's."""
    found = _found("inference")
    forms = found["forms"]
    rows: list[dict[str, str | None]] = [
        {"": "students a second, in bulk"} | _each(forms, "students_per_second", "{:,.0f}"),
        {"": "memory, MB"}
        | {FORMS[n]: _said((each.get("memory_mb") or {}).get("peak"), "{:.0f}")
           for n, each in forms.items() if n in FORMS},
    ]  # fmt: skip
    for size, words in SIZES.items():
        cells = {FORMS[n]: _batch(each, size) for n, each in forms.items() if n in FORMS}
        if any(cells.values()):
            rows.append({"": words} | cells)
    rows += [
        {"": "largest difference in a score"} | _each(forms, "largest_score_difference", "{:.1e}"),
        {"": "how far a score depends on its batch"} | _each(forms, "batch_dependence", "{:.1e}"),
        {"": "AUC lost"} | _each(forms, "auc_lost", "{:.1e}"),
        {"": "file, MB"} | _each(forms, "file_bytes", "{:.2f}", 1e6),
    ]
    why = found["explanations"]
    explained = (
        f"\nExplaining one student takes {why['one_milliseconds']:.0f} ms, "
        f"100 students {why['hundred_milliseconds'] / 1000:.1f} s.\n"
    )
    names = {name: name for name in ("", *FORMS.values())}
    head = "\nScoring. `edupulse bench inference`."
    return f"{head}{measured_on('inference')}{table(rows, names)}{explained}"


def _each(
    forms: Mapping[str, Any], name: str, words: str, unit: float = 1
) -> dict[str, str | None]:
    return {
        FORMS[form]: _said(each.get(name), words, unit)
        for form, each in forms.items()
        if form in FORMS
    }


def _said(value: float | None, words: str, unit: float = 1) -> str | None:
    return None if value is None else "0" if value == 0 else words.format(value / unit)


def _batch(form: Mapping[str, Any], size: str) -> str | None:
    took = form.get("milliseconds", {}).get(size)
    times = form.get("times_eager", {}).get(size)
    said = [f"{took:.{0 if took >= 10 else 2 if took < 1 else 1}f} ms" if took is not None else ""]
    said.append(f"{times:.2g} × eager" if times is not None and times != 1 else "")
    return ", ".join(filter(None, said)) or None


def screen() -> str:
    """What a counselor waits for, at the largest district measured."""
    found = _found("screen")
    students = max(map(int, found))
    each = found[str(students)]
    people = f"{each['people']:.0f} people at once"
    rows = [
        ("an empty Streamlit page", each["empty_page"], None),
        ("the first row of the list", each["first_row"], None),
        ("from a click on a filter to the new rows", each["filter_p50"], each["filter_p95"]),
        (f"the same, {people}, each in a Chromium", each["together_p50"], each["together_p95"]),
        (f"the same, {people}, the server alone", each["served_p50"], each["served_p95"]),
        ("processor time a click", each["processor_click"], None),
        *_many(each),
    ]
    told = [
        {"": words, "seconds, median": f"{median:.2f}", "95 of 100": _said(most, "{:.2f}")}
        for words, median, most in rows
    ]
    head = f"\nThe At-risk list in Chromium, {students:,} students. `edupulse bench screen`."
    memory = f"\nThe server then holds {each['memory']:.0f} MB, the explaining model in it.\n"
    return f"{head}{measured_on('screen')}{table(told)}{memory}"


def _many(each: Mapping[str, float]) -> list[tuple[str, float, float | None]]:
    """Students opened and the list filtered by many in the same moment, where it was measured."""
    if "opened_p50" not in each:
        return []
    opening, filtering = (f"{each[name]:.0f} people" for name in ("opening", "filtering"))
    return [
        (
            f"{opening} open a student each in the same moment, the server alone",
            each["opened_p50"],
            each["opened_p95"],
        ),
        ("processor time a student", each["processor_opening"], None),
        (
            f"{filtering} filter in the same moment, the server alone",
            each["filtered_p50"],
            each["filtered_p95"],
        ),
    ]


def start() -> str:
    """From an empty home to the list."""
    found = _found("start")
    return (
        f"\n`edupulse serve --demo` takes {found['seconds']:.1f} s from an empty home to the list "
        f"in Chromium: {found['students']:,} fictional students are written, imported and scored.\n"
    )


def keep(name: str, file: Path, day: date | None = None) -> None:
    """Keep what `edupulse bench NAME --json` printed."""
    kept = json.loads(FIGURES.read_text(encoding="utf-8"))
    kept[name]["found"] = json.loads(file.read_text(encoding="utf-8"))
    kept[name]["measured_on"] = (day or date.today()).isoformat()
    text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
    FIGURES.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in KEPT:
        sys.exit(f"python -m docs.speed {'|'.join(KEPT)} FILE")
    keep(sys.argv[1], Path(sys.argv[2]))
