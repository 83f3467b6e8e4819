"""Three doors, one act: what is done to a model can be done by command, by HTTP and on a page.

The acts are found in `actions/`. Where a door lacks one, `REASONS` says why.
"""

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fastapi.routing import APIRoute
from typer.main import TyperCommand, TyperGroup, get_command

from edupulse_core import api, cli
from edupulse_core.config import REPOSITORY

ACTIONS = "edupulse_core.actions"
LIFE = (  # the modules of `actions/` that are about the life of a model
    "evaluations",
    "experiments",
    "exports",
    "jobs",
    "models",
    "quality",
    "retraining",
    "tokens",
    "tuning",
    "verdicts",
    "versions",
    "watching",
)
COMMAND, ROUTE, PAGE = "command", "route", "page"
SERVER = "Whoever holds a token reads a district, so only who runs the machine makes or ends one."
REPORT = "The page and the command read the whole evaluation; this is a part of it for programs."
REASONS: dict[str, dict[str, str]] = {  # act → door → why it is not there
    "create_token": {ROUTE: SERVER, PAGE: SERVER},
    "list_tokens": {ROUTE: SERVER, PAGE: SERVER},
    "revoke_token": {ROUTE: SERVER, PAGE: SERVER},
    "deactivate_version": {PAGE: "There it is called Roll back: only what serves can be shown so."},
    "download_evaluation": {
        COMMAND: "`edupulse evaluate` writes the same page as a file.",
        ROUTE: "Programs read the results and the pictures.",
    },
    "show_evaluation": {COMMAND: REPORT, PAGE: REPORT},
    "draw_evaluation": {COMMAND: REPORT, PAGE: REPORT},
    "export_version": dict.fromkeys(
        (ROUTE, PAGE), "It writes a folder on the machine, for whoever carries it to a device."
    ),
    "give": dict.fromkeys((COMMAND, PAGE), "They say it of the score that is shown: `judge`."),
    "judge": {ROUTE: "Programs name the prediction that they mean: `give`."},
    "withdraw": {ROUTE: "A later correction takes an earlier one's place."},
    "tidy": dict.fromkeys((COMMAND, ROUTE, PAGE), "A worker does it by itself."),
    "monitor": {
        ROUTE: "Each night does it; figures and alerts are read.",
        PAGE: "Each night does it; figures and alerts are shown.",
    },
    "ship_version": {
        ROUTE: "It makes what comes with EduPulse, on the machine of a developer.",
        PAGE: "It makes what comes with EduPulse, on the machine of a developer.",
    },
    "run_due": dict.fromkeys((COMMAND, ROUTE, PAGE), "The clock of a worker does it."),
    "propose": dict.fromkeys((COMMAND, ROUTE, PAGE), "A training on schedule ends with it."),
}
Act = tuple[str, str]  # module of `actions/`, function


def acts() -> list[Act]:
    """Every act about the life of a model: a public function whose first argument is an actor."""
    return [
        (path.stem, node.name)
        for path in sorted((REPOSITORY / "edupulse_core" / "actions").glob("*.py"))
        if path.stem in LIFE
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.args.args[0].arg == "actor"
    ]


def imported(tree: ast.AST) -> dict[str, tuple[str, ...]]:
    """Each name that some code has from `actions/`: a module of it, or a function of one."""
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ACTIONS):
            module = (node.module or "").removeprefix(ACTIONS).strip(".")
            for alias in node.names:
                path = (module, alias.name) if module else (alias.name,)
                found[alias.asname or alias.name] = path
    return found


class Source:
    """A file of a door: which acts each of its functions reaches."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.names = imported(ast.Module([n for n in self.tree.body if is_import(n)], []))
        self.functions = {n.name: n for n in self.tree.body if isinstance(n, ast.FunctionDef)}

    def reached(self, name: str, seen: frozenset[str] = frozenset()) -> set[Act]:
        """The acts that a function calls, by itself or through another of its file."""
        node, seen = self.functions[name], seen | {name}
        found = set(self.called(node))
        for called in ast.walk(node):
            if isinstance(called, ast.Name) and called.id in self.functions.keys() - seen:
                found |= self.reached(called.id, seen)
        return found

    def called(self, node: ast.AST) -> Iterator[Act]:
        """The acts that some code names; a job's kind is the act that the job does."""
        names = self.names | imported(node)
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                path = (*names.get(each.value.id, ()), each.attr)
            elif isinstance(each, ast.Name):
                path = names.get(each.id, ())
            else:
                continue
            if len(path) == 2:
                yield path[0], path[1]
                if path == ("jobs", "submit"):
                    yield from jobs_of(node)


def is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


@cache
def source(path: Path) -> Source:
    return Source(path)


def jobs_of(node: ast.AST) -> Iterator[Act]:
    """What the jobs do whose kinds some code names."""
    kinds = source(REPOSITORY / "edupulse_core" / "jobs" / "kinds.py")
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and each.value in kinds.functions:
            yield from kinds.reached(each.value)


def of_function(function: object) -> set[Act]:
    """The acts behind a command or a route."""
    path = Path(inspect.getsourcefile(function))  # type: ignore[arg-type]
    return source(path).reached(function.__name__)  # type: ignore[attr-defined]


def commands(group: TyperGroup, above: str = "") -> Iterator[tuple[str, object]]:
    """Each command of `edupulse`, and its function."""
    for name, each in group.commands.items():
        words = f"{above} {name}".strip()
        if isinstance(each, TyperGroup):
            yield from commands(each, words)
        elif isinstance(each, TyperCommand):
            yield words, inspect.unwrap(each.callback)


@cache
def doors() -> dict[Act, dict[str, set[str]]]:
    """Each act, each door that has it, and under which names."""
    found: dict[Act, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def put(door: str, name: str, reached: set[Act]) -> None:
        for act in reached:
            found[act][door].add(name)

    group = get_command(cli.app)
    assert isinstance(group, TyperGroup)
    for name, function in commands(group):
        put(COMMAND, name, of_function(function))
    for route in routes():
        for method in route.methods or ():
            put(ROUTE, f"{method} {route.path}", of_function(route.endpoint))
    for path in sorted((REPOSITORY / "app").rglob("*.py")):
        file = source(path)
        put(PAGE, path.name, {act for name in file.functions for act in file.reached(name)})
    return found


def routes() -> list[APIRoute]:
    made = [route for room in api.ROOMS for route in room.router.routes]
    return [route for route in made if isinstance(route, APIRoute)]


def test_every_act_is_at_all_three_doors_or_a_reason_is_given() -> None:
    missing = {
        (act[1], door)
        for act in acts()
        for door in (COMMAND, ROUTE, PAGE)
        if not doors().get(act, {}).get(door)
    }

    assert missing == {(act, door) for act, where in REASONS.items() for door in where}


def test_the_acts_are_found_where_a_person_knows_them_to_be() -> None:
    found = doors()["versions", "activate_version"]

    assert found[COMMAND] == {"activate"}
    assert found[ROUTE] == {"POST /api/v1/model-training/activate/{model_id}"}
    assert found[PAGE] == {"model_actions.py"}
    assert "update" in doors()["retraining", "update_version"][COMMAND]
