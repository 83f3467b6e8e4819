"""Fields of a plan are set by name; what is no field, or no value for it, is refused in words."""

from dataclasses import dataclass, field
from typing import Literal

import pytest

from edupulse_core.errors import ConfigError, InputError
from edupulse_core.training import plans


@dataclass(frozen=True)
class Inner:
    size: int = 4
    pair: tuple[int, int] = (1, 2)

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ConfigError("training: size must be positive")


@dataclass(frozen=True)
class Plan:
    inner: Inner = field(default_factory=Inner)
    rate: float = 0.1
    schedule: Literal["plateau", "cosine"] = "plateau"
    both: bool = False


def test_every_field_is_listed_with_its_value() -> None:
    assert plans.keys(Plan()) == {
        "inner.size": 4,
        "inner.pair": (1, 2),
        "rate": 0.1,
        "schedule": "plateau",
        "both": False,
    }


def test_text_from_the_command_line_becomes_what_the_field_is() -> None:
    given = {
        "inner.size": "8",
        "inner.pair": "[3, 4]",
        "rate": "1e-3",
        "schedule": "cosine",
        "both": "true",
    }

    assert plans.changed(Plan(), given) == Plan(Inner(8, (3, 4)), 0.001, "cosine", True)


def test_tables_within_tables_name_the_same_fields() -> None:
    assert plans.changed(Plan(), {"inner": {"size": 8}, "rate": 1}) == Plan(Inner(8), 1.0)


def test_the_end_of_a_name_is_enough_where_no_other_field_ends_so() -> None:
    assert plans.changed(Plan(), {"size": 8}) == Plan(Inner(8))
    assert plans.field_of("rate", ("rate", "loop.rate")) == "rate"
    assert plans.field_of("rate", ("loop.rate", "net.rate")) == "rate"  # which is refused


def test_what_is_not_named_stays() -> None:
    assert plans.changed(Plan(rate=0.5), {"inner.size": 2}) == Plan(Inner(2), 0.5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"inner.depth": 3}, "no 'inner.depth' to set; there are: both, inner.pair, inner.size"),
        ({"inner": 3}, "no 'inner' to set"),
        ({"rate": "fast"}, "rate: 'fast'"),
        ({"inner.size": 2.5}, r"inner.size: 2\.5"),
        ({"inner.pair": [1, 2, 3]}, "inner.pair"),
        ({"schedule": "never"}, "schedule"),
        ({"inner.size": 0}, "do not go together: size must be positive"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        plans.changed(Plan(), given)
