"""The command line: `edupulse …`. Parses, calls an action, prints; slow imports wait inside."""

import os
import sys
from typing import NoReturn

import typer

from edupulse_core import stopping
from edupulse_core.cli import (
    admission,
    difficulty,
    experiments,
    grading,
    imports,
    jobs,
    mastery,
    models,
    paths,
    recommend,
    scores,
    serving,
    skills,
    study_time,
    tokens,
    tuning,
    versions,
    watching,
)
from edupulse_core.cli.terminal import tell, unexpected, usage, why_untrained
from edupulse_core.errors import EduPulseError, UntrainedError

app = typer.Typer(
    help="Which students need help this week, how strongly, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS = (  # as --help lists them
    serving.demo,
    imports.ingest,
    imports.rejects,
    imports.undo,
    scores.features,
    tuning.check,
    models.train,
    tuning.tune,
    scores.score,
    scores.explain,
    scores.verdict,
    mastery.mastery,
    recommend.recommend,
    paths.path,
    study_time.hours,
    admission.admission,
    difficulty.difficulty,
    skills.skills,
    grading.grade,
    grading.summarize,
    models.evaluate,
    versions.versions,
    versions.activate,
    versions.deactivate,
    versions.rollback,
    versions.compare,
    versions.export,
    scores.nightly,
    watching.monitor,
    watching.triggers,
    watching.update,
    serving.serve,
    jobs.worker,
    tokens.api,
)
for command in COMMANDS:
    app.command()(command)
app.command(context_settings={"allow_extra_args": True, "allow_interspersed_args": False})(
    models.bench
)

app.add_typer(experiments.app, name="experiments")
app.add_typer(jobs.app, name="jobs")
app.add_typer(watching.app, name="alerts")
app.add_typer(tokens.token, name="token")


def main() -> None:
    """Run the command line; every error becomes one sentence and an exit code."""
    os.umask(0o077)  # files hold records of children: only the account that runs this reads them
    try:
        sys.exit(app(prog_name="edupulse", standalone_mode=False))
    except typer.TyperException as error:  # a wrong option or argument
        _stop(usage(error), error.exit_code)
    except UntrainedError as error:
        _stop(why_untrained(error), error.exit_code)
    except EduPulseError as error:
        _stop(str(error), error.exit_code)
    except Exception as error:  # the last door before the terminal: never a traceback
        _stop(*unexpected(error))


def _stop(sentence: str, exit_code: int) -> NoReturn:
    if sentence and not stopping.was_asked():
        for line in sentence.split("\n"):
            tell(line)
    sys.exit(exit_code)
