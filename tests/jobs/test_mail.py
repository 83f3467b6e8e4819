"""Who is told by mail that a job has ended, and what the mail keeps to itself."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from edupulse_core.config import Settings, load_settings
from edupulse_core.jobs import mail
from edupulse_core.jobs.worker import work_once
from edupulse_core.store.jobs import Job
from tests.browser.conftest import free_port
from tests.jobs.conftest import CHILD, QUICK, ask, read

ENDED = Job("j1", "train", {"note": "Ana Diaz S1"}, "ada", "steward", "risk", status="failed")


class Box:
    """Keeps what a mail server is given."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    made = Box()
    server = Controller(made, hostname="127.0.0.1", port=free_port())
    server.start()
    yield made, server.port
    server.stop()


def mailing(settings: Settings, port: int) -> Settings:
    mail = f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_recipient = "it@north"\n'
    (settings.home / "edupulse.toml").write_text(QUICK + mail)
    return load_settings(home=settings.home)


def test_the_end_of_a_job_is_mailed(settings: Settings, box: tuple[Box, int]) -> None:
    kept, port = box
    told = mailing(settings, port)
    job_id = ask(told, "add", a=1, b=2)

    work_once(told, command=CHILD)

    ((to, message),) = kept.mails
    assert to == ["it@north"]
    assert message["Subject"] == "EduPulse: add completed"
    assert job_id in message.as_string()


def test_a_mail_says_nothing_of_what_a_job_was_about(
    settings: Settings, box: tuple[Box, int]
) -> None:
    kept, port = box

    mail.tell(mailing(settings, port), ENDED)

    ((_, message),) = kept.mails
    assert message["Subject"] == "EduPulse: train risk failed"
    assert "Ana" not in message.as_string() and "S1" not in message.as_string()


def test_without_a_mail_server_a_job_ends_all_the_same(settings: Settings) -> None:
    told = mailing(settings, 1)  # nobody listens there
    job_id = ask(told, "add", a=1, b=2)

    work_once(told, command=CHILD)

    assert read(told, job_id).status == "completed"
