"""What is wrong with a value, in words that follow its name."""

from typing import Any

import pytest

from edupulse_core.config import load_settings
from edupulse_core.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"color": 1}, "'color': there is no such setting"),
        ({"imports": {"color": 1}}, "'imports.color': there is no such setting"),
        ({"imports": 3}, "'imports': 3 is not a table of settings"),
        ({"grants": [3]}, "'grants.0': 3 is not a table of settings"),
        ({"grants": 3}, "'grants': 3 is not a list"),
        ({"grants": [{"user": "a"}]}, "'grants.0.role': is missing"),
        ({"model_version": 3}, "'model_version': 3 is not text"),
        ({"threads": "many"}, "'threads': 'many' is not a whole number"),
        ({"imports": {"keep_rejects": 1.5}}, "'imports.keep_rejects': 1.5 is not a whole number"),
        ({"attendance": {"chronic_rate": "x"}}, "'attendance.chronic_rate': 'x' is not a number"),
        ({"attendance": {"chronic_rate": 0}}, "'attendance.chronic_rate': 0 is not more than 0.0"),
        ({"attendance": {"chronic_rate": 1}}, "'attendance.chronic_rate': 1 is not less than 1.0"),
        ({"imports": {"max_reject_rate": 2}}, "'imports.max_reject_rate': 2 is more than 1.0"),
        ({"stale_weeks": 0}, "'stale_weeks': 0 is less than 1"),
        ({"rules": [{"failing_below": 0.3}]}, "'rules.0': it must name schools, grades or both"),
        (
            {"rules": [{"grades": ["3"], "minutes_a_day": 300}]},
            "'rules.0': minutes_a_day and classes_a_day go by school: put them in a block without "
            "grades",
        ),
        ({"import_day": "soon"}, "'import_day': 'soon' is not a date such as 2026-01-31"),
        ({"inference_form": "x"}, "'inference_form': 'x' is not 'auto', 'eager', 'onnx' or 'int8'"),
        ({"threads": float("inf")}, "'threads': Input should be a finite number, found inf"),
    ],
)
def test_a_setting_that_is_refused_is_named_with_what_was_found(
    given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(**given)

    assert str(refused.value) == f"setting {sentence}"
