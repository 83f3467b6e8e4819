"""Commands about imports: bring in a bundle, list what was rejected, undo."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from edupulse_core import stopping
from edupulse_core.cli.terminal import (
    AsJson,
    Out,
    Rows,
    check_ending,
    emit,
    progress,
    table,
    tell,
    writing,
)
from edupulse_core.config import load_settings
from edupulse_core.errors import InputError, Problem, RefusedError
from edupulse_core.people.actor import OPERATOR


def ingest(
    path: Path,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything; publish nothing.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Import even if much of what stands would be lost.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a bundle: a folder or a .zip."""
    settings = load_settings()
    with (
        problems_as_json(path, as_json),
        stopping.publishing(settings.published),
        progress() as report,
    ):
        from edupulse_core.actions.imports import import_bundle

        summary = import_bundle(
            OPERATOR, settings, path, dry_run=dry_run, replace=replace, progress=report
        )
    if as_json:
        print(json.dumps(summary.as_json()))
    else:
        show_import(summary.as_json(), summary.examples, is_unchanged=summary.is_unchanged)
    warn_of_demo(path, summary.is_demo)


@contextmanager
def problems_as_json(path: Path, as_json: bool) -> Iterator[list[str | None]]:
    """Where a bundle is refused, print why as JSON too, file by file.

    Yields a list for what was published; an error after that does not refuse the bundle.
    """
    published: list[str | None] = []
    try:
        yield published
    except (InputError, RefusedError) as error:
        if as_json and not published:
            problems = error.problems or (Problem(path.name, str(error)),)  # the whole bundle
            found = [problem.as_json() for problem in problems]
            print(json.dumps({"problems": found, "published": None}))
        raise


def rejects(
    import_id: Annotated[
        str | None, typer.Argument(metavar="IMPORT", help="Which import; the latest unless given.")
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """List the imports that rejected rows; with --out, write the rows of one."""
    from edupulse_core.actions.imports import export_rejects
    from edupulse_core.warehouse.rejects import imports

    settings = load_settings()
    check_ending(out)
    if out is not None:
        with writing(out):
            rows = export_rejects(OPERATOR, settings, out, import_id)
        emit({"rows": rows}, as_json, f"Wrote {rows:,} rejected rows to {out}")
        return
    if import_id is not None:
        raise typer.BadParameter("to write the rows of an import, add --out FILE")
    found = [one.as_json() for one in imports(settings)]
    if as_json:
        print(json.dumps({"imports": found}))
    else:
        show_rejecting(found)


def undo() -> None:
    """Undo the last import: everyone sees the previous data."""
    from edupulse_core.actions.imports import undo_import
    from edupulse_core.actions.scores import why_no_scores

    settings = load_settings()
    print(f"Everyone sees the data of {undo_import(OPERATOR, settings)} again.", flush=True)
    with progress() as report:
        problems = why_no_scores(settings, progress=report)
    print("\n".join(problems) or "Its scores are back too.")


def show_import(value: dict[str, Any], examples: Rows, *, is_unchanged: bool) -> None:
    """Print an import's summary for people.

    value: what `--json` prints.  examples: file, row, column and reason of some rejected rows.
    """
    rows = [[name, *(f"{n:,}" for n in counts.values())] for name, counts in value["files"].items()]
    imported = "imported" if value["published"] else "would be imported"
    table("Rows", ["file", "read", imported, "rejected"], rows)
    show_problems(value, examples, is_unchanged=is_unchanged)
    if not value["published"]:
        show_unread(value["unread"])
    done = f"Published: {value['published']}"
    if is_unchanged or not value["published"]:
        done = "Nothing was published" + ("." if is_unchanged else " (dry run).")
    print(f"{value['students']:,} students, {value['weeks']:,} weeks. {done}")


def show_problems(value: dict[str, Any], examples: Rows = (), *, is_unchanged: bool) -> None:
    """Print what an import rejected and noted; nothing if all is well."""
    if value["rejects"]:
        table("Rejected", ["reason", "rows"], [[k, f"{n:,}"] for k, n in value["rejects"].items()])
        if examples:
            table("Examples", ["file", "row", "column", "reason"], examples)
        elif not is_unchanged:
            print("`edupulse rejects --out FILE` writes these rows, each with what is wrong.")
    for note in value["notes"]:
        print(note)


def show_unread(unread: dict[str, Any]) -> None:
    """Print the files and columns of a bundle that nothing reads."""
    rows = [[name, "the whole file"] for name in unread["files"]]
    rows += [[name, ", ".join(columns)] for name, columns in unread["columns"].items()]
    if rows:
        table("Not read", ["file", "columns"], rows)


def show_rejecting(imports: list[dict[str, Any]]) -> None:
    """Print the imports that rejected rows.  imports: what `rejects --json` lists."""
    if not imports:
        print("No import has rejected rows.")
        return
    names = ["import", "bundle", "outcome", "rows"]
    table("Imports that rejected rows", names, [[one[name] for name in names] for one in imports])


def warn_of_demo(bundle: Path, is_demo: bool) -> None:
    """Warn that a demo bundle keeps sign-in off, and say what to do if its people are real."""
    if not is_demo:
        return
    tell(
        f"{bundle} IS MARKED AS A DEMO (edupulse.demo in its manifest.csv). Without an identity "
        "provider nobody has to sign in, and anyone who opens EduPulse on this computer sees "
        "everyone's records. If these are real people, delete that line and import into a new "
        "EDUPULSE_HOME",
        style="bold red",
    )
