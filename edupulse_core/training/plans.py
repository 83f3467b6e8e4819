"""Sets fields of a training plan by name, from the command line, the settings or a request.

A plan is a frozen dataclass, perhaps with others inside: their fields are named with a dot.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from edupulse_core.errors import ConfigError, InputError, ModelError, what_is_wrong

P = TypeVar("P")


def keys(plan: Any) -> dict[str, Any]:
    """Every field that can be set, and its value: `network.hidden` for a field of a field."""
    found: dict[str, Any] = {}
    for each in fields(plan):
        value = getattr(plan, each.name)
        if is_dataclass(value):
            found |= {f"{each.name}.{name}": inner for name, inner in keys(value).items()}
        else:
            found[each.name] = value
    return found


def flat(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes with dotted names, whether or not they came as tables within tables."""
    found: dict[str, Any] = {}
    for name, value in changes.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": each for inner, each in flat(value).items()}
        else:
            found[name] = value
    return found


def field_of(name: str, known: Collection[str]) -> str:
    """The field that a name means: `encoder` is `network.encoder`, if no other field ends so."""
    ends = [each for each in known if each.endswith(f".{name}")]
    return ends[0] if name not in known and len(ends) == 1 else name


def changed(plan: P, changes: Mapping[str, Any]) -> P:
    """The plan with some fields set.  changes: field to value; text is read as its type asks.

    Raises InputError for a field that does not exist, listing those that do, and for a value that
    is of another type or out of range.
    """
    known = keys(plan)
    wanted = {field_of(name, known): value for name, value in flat(changes).items()}
    for name in wanted:
        if name not in known:
            raise InputError(f"there is no {name!r} to set; there are: {', '.join(sorted(known))}")
    try:
        made: P = _set(plan, {tuple(name.split(".")): each for name, each in wanted.items()}, "")
    except (ConfigError, ModelError) as error:  # the plan checks itself
        problem = str(error).split(": ", 1)[-1]
        raise InputError(f"these values do not go together: {problem}") from None
    return made


def _set(plan: Any, changes: Mapping[tuple[str, ...], Any], path: str) -> Any:
    """Set all of a plan's fields at once: it is checked when it is whole."""
    hints = get_type_hints(type(plan))
    own: dict[str, Any] = {}
    for name in dict.fromkeys(key[0] for key in changes):
        inner = {key[1:]: value for key, value in changes.items() if key[0] == name}
        if () in inner:
            own[name] = _read(inner[()], hints[name], f"{path}{name}")
        else:
            own[name] = _set(getattr(plan, name), inner, f"{path}{name}.")
    return replace(plan, **own)


def _read(value: Any, kind: Any, name: str) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            pass  # a word, such as cosine
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise InputError(f"{name}: {what_is_wrong(error.errors()[0])}") from None
