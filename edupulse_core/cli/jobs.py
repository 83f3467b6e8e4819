"""Commands about jobs: list, show, cancel and retry them, and the worker that runs them."""

import json
import logging
from typing import Annotated

import typer

from edupulse_core import words
from edupulse_core.cli.terminal import AsJson, emit, table
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR

app = typer.Typer()
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]


@app.callback(invoke_without_command=True)
def jobs(
    context: typer.Context,
    status: Annotated[
        str | None,
        typer.Option(help="Only pending, running, completed, failed or cancelled ones."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the jobs, the newest first; show, cancel or retry one."""
    if context.invoked_subcommand is not None:
        return
    from edupulse_core.queries.jobs import jobs as list_jobs

    found = list_jobs(load_settings(), status)
    if as_json:
        print(json.dumps({"jobs": [job.as_json() for job in found]}))
        return
    if not found:
        print("There are no such jobs." if status else "No job was asked for yet.")
        return
    rows = [
        [
            job.job_id,
            f"{job.kind} {job.family or ''}",
            job.status,
            f"{job.progress:.0f}%",
            job.step,
            words.moment(job.created_at),
            job.created_by,
        ]
        for job in found
    ]
    table("Jobs", ["Job", "Task", "Status", "Done", "Step", "Asked for (UTC)", "By"], rows)


@app.command()
def show(job_id: JobId, as_json: AsJson = False) -> None:
    """Show one job, with its log."""
    from edupulse_core.queries.jobs import job

    found = job(load_settings(), job_id).as_json()
    if as_json:
        print(json.dumps(found))
        return
    log, result = found.pop("log"), found.pop("result") or {}
    found["progress"] = f"{found['progress']:.0f}%"
    found["config"] = ", ".join(f"{name} {each}" for name, each in found["config"].items())
    rows = [[name, each] for name, each in found.items() if each]
    rows += [[name, each] for name, each in result.items() if not isinstance(each, dict | list)]
    table(f"Job {job_id}", ["", ""], rows)
    print(log, end="")


@app.command()
def cancel(job_id: JobId, as_json: AsJson = False) -> None:
    """Cancel a job; a running one stops within seconds."""
    from edupulse_core.actions.jobs import cancel
    from edupulse_core.queries.jobs import job

    settings = load_settings()
    cancel(OPERATOR, settings, job_id)
    status = job(settings, job_id).status
    said = "is cancelled" if status == "cancelled" else "is asked to stop"
    emit({"job_id": job_id, "status": status}, as_json, f"Job {job_id} {said}.")


@app.command()
def retry(job_id: JobId, as_json: AsJson = False) -> None:
    """Run a failed or cancelled job again."""
    from edupulse_core.actions.jobs import retry

    retry(OPERATOR, load_settings(), job_id)
    emit({"job_id": job_id, "status": "pending"}, as_json, f"Job {job_id} waits for a worker.")


def worker(
    once: Annotated[
        bool, typer.Option("--once", help="Run the jobs that wait now, then end.")
    ] = False,
    beside: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Run jobs, until it is stopped."""
    from edupulse_core.jobs.worker import work, work_once

    settings = load_settings()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    if not beside:  # a server's terminal is for its own words
        logging.getLogger("edupulse.jobs").setLevel(logging.INFO)
    if once:
        work_once(settings)
    else:
        work(settings, beside=beside)
