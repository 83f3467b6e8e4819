"""Differences of AUC as the benchmarks keep them: plain, as JSON does."""

from collections.abc import Mapping
from typing import Any

from edupulse_core.training import evaluation
from edupulse_core.training.evaluation import Difference


def paired_difference(*given: Any, **more: Any) -> dict[str, float]:
    """AUC of ours less theirs, as `evaluation.paired_difference` measures it."""
    return evaluation.paired_difference(*given, **more).model_dump()


def difference_in_words(found: Mapping[str, Any] | None, digits: int = 4) -> str:
    """Such as "+0.0031 (−0.0008 to +0.0052)"; a dash for None."""
    return "–" if found is None else Difference.model_validate(found).in_words(digits)
