"""What a tier has meant so far, where the version that shows it was tried on the district."""

from dataclasses import dataclass
from datetime import date

from edupulse_core.inference.tiers import TIERS
from edupulse_core.lifecycle import evaluations
from edupulse_core.people.access import Viewer
from edupulse_core.queries.district import District
from edupulse_core.queries.student import Student

FEWEST = 100  # student-weeks, of which a share is told as so many of 100
GRAVE = 2  # TIERS from here on mean two flags or more, or dropping out


@dataclass(frozen=True)
class Precedent:
    """Of 100 students who were shown a tier, how many had two or more flags after."""

    n_of_100: int
    first: date  # Mondays of the weeks looked back at, which the version had not learned from
    last: date


def precedent(viewer: Viewer, district: District, shown: Student) -> Precedent | None:
    """What came of others who were shown this student's tier by the same version.

    None without a score, an evaluation on this district's own weeks, or enough of them.
    """
    district.why(viewer, shown.student_id)
    if shown.tier is None or shown.version is None:
        return None
    report = evaluations.kept(district.settings, "risk", shown.version)
    if report is None or report["evaluated_on"]["district"] != district.name:
        return None
    came = [row[TIERS.index(shown.tier)] for row in report["tiers"]["shown"]["confusion"]]
    if sum(came) < FEWEST:
        return None
    first, last = map(date.fromisoformat, report["weeks"])
    return Precedent(round(100 * sum(came[GRAVE:]) / sum(came)), first, last)
