"""Mails that a job has ended. Says nothing of what the job found: mail is read by many."""

import logging
import smtplib
from email.message import EmailMessage

from edupulse_core.config import Settings
from edupulse_core.store.jobs import Job

_PATIENCE = 20  # s for the mail server

logger = logging.getLogger("edupulse.jobs")


def tell(settings: Settings, job: Job) -> None:
    """Mail that a job has ended, if a mail server is set; a mail that fails is only logged."""
    rules = settings.jobs
    if not (rules.smtp_host and rules.smtp_recipient):
        return
    try:
        with smtplib.SMTP(rules.smtp_host, rules.smtp_port, timeout=_PATIENCE) as server:
            server.send_message(_message(settings, job))
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("job %s: no mail was sent: %s", job.job_id, error)


def _message(settings: Settings, job: Job) -> EmailMessage:
    what = f"{job.kind} {job.family}" if job.family else job.kind
    message = EmailMessage()
    message["Subject"] = f"EduPulse: {what} {job.status}"
    message["From"] = settings.jobs.smtp_sender or settings.jobs.smtp_recipient
    message["To"] = settings.jobs.smtp_recipient
    message.set_content(
        f"The job {job.job_id} ({what}) is {job.status}.\n\n"
        f"`edupulse jobs show {job.job_id}` and the Jobs page say more.\n"
    )
    return message
