"""The at-risk list: the viewer's students by risk, filtered, sorted and paged in SQL."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from edupulse_core import words
from edupulse_core.config import Settings
from edupulse_core.families.risk import factors
from edupulse_core.families.risk.reasons import in_short
from edupulse_core.families.risk.tiers import TIERS, in_words
from edupulse_core.features.catalogue import FEATURES
from edupulse_core.features.flags import flags_of
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District

PAGE = 50  # rows
ALL = 10_000_000
SORTS = ("risk", "abc", "change", "attendance", "failing", "incidents", "name")
MODALITIES = {"att": "attendance", "grd": "grades", "dsc": "discipline"}
_LABELS = {feature.name: feature.label for feature in FEATURES}


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty keeps everyone."""

    tiers: tuple[str, ...] = ()  # of TIERS, or 'unscored'
    flags: tuple[int, ...] = ()  # numbers of plain flags, 0..3
    grade: str | None = None
    school: str | None = None
    driver: str | None = None  # a feature, or att, grd, dsc
    class_id: str | None = None
    text: str | None = None
    sort: str = ""  # of SORTS; empty: the district's way

    def parameters(self, district: District) -> dict[str, Any]:
        """The parameters of `at_risk.sql`."""
        given = asdict(self) | {
            "tiers": list(self.tiers) or None,
            "flags": list(self.flags) or None,
        }
        return {**given, "text": (self.text or "").strip() or None, "sort": self.order(district)}

    def order(self, district: District) -> str:
        """The order of the list: by the score only after an evaluation in this district."""
        if self.sort in SORTS and (district.standing.run or self.sort not in ("risk", "change")):
            return self.sort
        trusted = district.standing.run is not None and district.standing.evaluated
        return "risk" if trusted else "abc"


@dataclass(frozen=True)
class Page:
    """Some rows of the list, and how many there are in all."""

    rows: pa.Table
    n_matching: int
    page: int

    @property
    def n_pages(self) -> int:
        """At least one."""
        return max(1, -(-self.n_matching // PAGE))


@dataclass(frozen=True)
class Counts:
    """The viewer's students as of the latest week."""

    n_students: int
    unscored: int
    tiers: Mapping[str, int]
    before: Mapping[str, int] | None  # the week before; None where no run is comparable
    flags: Mapping[str, int]  # a, b, c
    new_flags: Mapping[str, int]  # raised since the week before


def students(viewer: Viewer, district: District, filters: Filters, page: int = 1) -> Page:
    """One page of the viewer's list; a number past the end gives the last page."""
    if filters.text or page > 1:  # each key typed would push something out that is asked again
        return _students(viewer, district, filters, page)
    key = ("students", viewer, filters)
    return district.remember(key, lambda: _students(viewer, district, filters, page))


def _students(viewer: Viewer, district: District, filters: Filters, page: int) -> Page:
    wanted = max(page, 1)
    rows = _rows(viewer, district, filters, PAGE, (wanted - 1) * PAGE)
    if not len(rows) and wanted > 1:
        first = _rows(viewer, district, filters, PAGE, 0)
        n = first["n_matching"][0].as_py() if len(first) else 0
        wanted = max(1, -(-n // PAGE))
        rows = first if wanted == 1 else _rows(viewer, district, filters, PAGE, (wanted - 1) * PAGE)
    return Page(rows, rows["n_matching"][0].as_py() if len(rows) else 0, wanted)


def counts(viewer: Viewer, district: District) -> Counts:
    """How many of the viewer's students are at each risk level, now and the week before."""
    return district.remember(("counts", viewer), lambda: _counts(viewer, district))


def _counts(viewer: Viewer, district: District) -> Counts:
    row = district.rows("tier_counts", district.seen_by(viewer))[0]
    return Counts(
        row["n_students"],
        row["unscored"],
        {tier: row[tier] for tier in TIERS},
        {tier: row[f"{tier}_before"] for tier in TIERS} if district.standing.previous else None,
        {flag: row[f"flag_{flag}"] for flag in "abc"},
        {flag: row[f"new_{flag}"] for flag in "abc"},
    )


def choices(viewer: Viewer, district: District) -> dict[str, dict[str, str]]:
    """What the list can be filtered by: kind → value → label."""
    return district.remember(("choices", viewer), lambda: _choices(viewer, district))


def _choices(viewer: Viewer, district: District) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"grade": {}, "school": {}, "driver": {}, "class": {}}
    for row in district.rows("filter_choices", district.seen_by(viewer)):
        found[row["kind"]][row["value"]] = row["label"] or row["value"]
    found |= {kind: words.apart(found[kind]) for kind in ("school", "class")}
    found["grade"] = {value: words.grade(value) for value in found["grade"]}
    drivers = found["driver"]
    families = {key: word for key, word in MODALITIES.items() if any(d[:3] == key for d in drivers)}
    found["driver"] = {key: f"Any: {word}" for key, word in families.items()}
    found["driver"] |= {name: _LABELS[name] for name in _LABELS if name in drivers}
    return found


def everyone(viewer: Viewer, district: District, filters: Filters) -> list[dict[str, Any]]:
    """All rows that the filters keep, with the strongest reason in words."""
    rows: list[dict[str, Any]] = _rows(viewer, district, filters, ALL, 0).to_pylist()
    return [row | {"factor": strongest(row, district.settings)} for row in rows]


def first(
    viewer: Viewer, district: District, filters: Filters, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """The first rows that the filters keep, each with its strongest reason, and how many in all."""
    rows: list[dict[str, Any]] = _rows(viewer, district, filters, limit, 0).to_pylist()
    told = [row | {"factor": strongest(row, district.settings)} for row in rows]
    return told, rows[0]["n_matching"] if rows else 0


def _rows(
    viewer: Viewer, district: District, filters: Filters, limit: int, offset: int
) -> pa.Table:
    given = district.seen_by(viewer, **filters.parameters(district), limit=limit, offset=offset)
    return district.ask("at_risk", given)


def strongest(row: dict[str, Any], settings: Settings) -> str | None:
    """The strongest reason of a row in a few words; None without one."""
    found = factors.read(row["factors"] or "[]", most=1)
    return in_short(found[0], settings) if found else None


def for_screen(page: Page, settings: Settings) -> list[dict[str, Any]]:
    """The page's rows, each with its strongest reason and score in words, and its flags."""
    rows: list[dict[str, Any]] = page.rows.to_pylist()
    return [
        row
        | {
            "factor": strongest(row, settings),
            "flags": flags_of(row),
            "score_in_words": "–" if row["risk_score"] is None else in_words(row["risk_score"]),
        }
        for row in rows
    ]
