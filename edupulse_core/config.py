"""All settings in one object. `EDUPULSE_*` wins over `edupulse.toml`, which wins over defaults."""

import json
import re
import tomllib
from dataclasses import field
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic.dataclasses import dataclass
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from edupulse_core.errors import ConfigError, what_is_wrong
from edupulse_core.rules import AttendanceRules as AttendanceRules
from edupulse_core.rules import DisciplineRules as DisciplineRules
from edupulse_core.rules import GradeRules as GradeRules
from edupulse_core.rules import OutcomeRules as OutcomeRules
from edupulse_core.rules import Rules as Rules
from edupulse_core.rules import SchoolRules as SchoolRules

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED_MODELS = REPOSITORY / "models"
FIRST_FAMILY = "risk"  # whose runs the store held, and whose version is pinned, before others came
SMALLEST = 10  # students; a smaller count is hidden, except that nobody is nobody
CHOSEN_CLAIMS = frozenset(  # of identity tokens, in lower case: what people may write themselves
    {
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "display_name",
        "displayname",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
        "address",
    }
)

_strict = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_strict)
class SupportTiers:
    """The intervention tier that each risk level suggests, as the district calls it."""

    low: str = "Tier 1 (universal)"  # what the pages suggest beside a low risk level
    medium: str = "Tier 2 (targeted)"  # beside a medium one
    high: str = "Tier 3 (intensive)"  # beside a high one
    critical: str = "Tier 3 (intensive)"  # beside a critical one

    def of(self, level: str) -> str:
        """The tier that a risk level suggests."""
        return {
            "low": self.low,
            "medium": self.medium,
            "high": self.high,
            "critical": self.critical,
        }[level]


@dataclass(frozen=True, config=_strict)
class ImportRules:
    """When an import is refused."""

    max_reject_rate: float = Field(
        default=0.05, ge=0, le=1
    )  # share of a file's rows; above it the import is refused
    max_score_ratio: float = Field(
        default=1.5, ge=1
    )  # a score over this times its maximum is rejected
    max_unpacked_bytes: int = 20 * 2**30  # all files of a zip together
    max_zip_ratio: float = 200.0  # unpacked size over packed size; above is a zip bomb
    keep_snapshots: int = Field(
        default=3, ge=1
    )  # earlier warehouses that `edupulse undo` can go back to
    keep_rejects: int = Field(
        default=20, ge=1
    )  # imports whose rejected rows are kept, refused and undone ones included
    keep_rejects_days: int = Field(
        default=90, ge=1
    )  # days; older rejected rows are deleted at the next import


@dataclass(frozen=True, config=_strict)
class GateRules:
    """When a version is refused in place of the one that serves."""

    margin: float = Field(
        default=0.01, ge=0
    )  # a measure that gets worse by more than this is refused
    group_margin: float = Field(
        default=0.03, ge=0
    )  # the same in a group of students, unless chance explains it
    most_off: float = Field(
        default=0.05, ge=0
    )  # calibration error; a larger one is refused, unless chance explains it
    least_slope: float = Field(
        default=0.7, gt=0
    )  # by how much the outcome rises with the score: less than this, and it exaggerates
    most_slope: float = Field(default=1.4, gt=0)  # more than this, and it plays risks down


class Grant(BaseModel):
    """A role for one signed-in user; without a grant, only teachers see students."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str  # the value of the sign-in claim
    role: Literal["counselor", "principal", "district", "steward"]
    schools: tuple[str, ...] = ()  # orgs.sourcedId; a principal's schools


@dataclass(frozen=True, config=_strict)
class SignIn:
    """How a sign-in is matched to a person in the district."""

    claim: str = "email"  # of the identity token; "email" falls back to "username"
    trust_unverified_email: bool = False  # when the provider doesn't say if it's verified
    idle_minutes: int = Field(
        default=30, ge=1, le=720
    )  # minutes; a sign-in that is not used for this long ends
    max_hours: int = Field(default=12, ge=1, le=24)  # hours; then a sign-in ends though in use

    @field_validator("claim")
    @classmethod
    def _given_by_the_provider(cls, claim: str) -> str:
        if claim.lower() in CHOSEN_CLAIMS:
            raise ValueError(
                f"people choose their own {claim}, so anyone could sign in as someone else; "
                'name a claim that the provider gives, such as "email", "upn" or "sub"'
            )
        return claim


@dataclass(frozen=True, config=_strict)
class RetrainingRules:
    """When versions are trained again, and what becomes of them."""

    is_scheduled: bool = True  # look at the reasons to train again on Sundays at 01:00
    activate: bool = False  # a version from the schedule serves at once, if the gate lets it pass


@dataclass(frozen=True, config=_strict)
class JobRules:
    """How long tasks run in the background, and who gets a mail when one ends."""

    workers: int = Field(default=1, ge=1)  # jobs that one `edupulse worker` runs at a time
    max_minutes: float = Field(default=120, gt=0)  # minutes; a job that takes longer is stopped
    retries: int = Field(default=3, ge=0)  # times that a job that crashed is run again
    retry_seconds: float = Field(default=15, ge=0)  # s before the first; each later one waits 4 ×
    cancel_seconds: float = Field(default=5, ge=0)  # s to stop by itself; then it is made to
    silent_seconds: float = Field(default=30, gt=0)  # s; a worker this long unheard of is gone
    keep_days: int = Field(default=180, ge=1)  # days; jobs that ended earlier are deleted
    smtp_host: str = ""  # the mail server; empty: no mail
    smtp_port: int = 25  # of the mail server
    smtp_sender: str = ""  # who the mail is from
    smtp_recipient: str = ""  # who gets it


@dataclass(frozen=True, config=_strict)
class ApiRules:
    """How the HTTP API behaves."""

    requests_a_minute: int = Field(
        default=600, ge=1
    )  # of one token; more are refused until the minute is over
    max_body_bytes: int = Field(default=2**20, ge=1024)  # of a request; a larger one is refused
    metrics: Literal["loopback", "token"] = Field(
        default="loopback"
    )  # who reads /metrics: this machine and tokens, or tokens alone
    environment: str = ""  # what /health calls this server; empty: demo or production


def _flat(tables: Any, path: tuple[str, ...] = ()) -> Any:
    """Tables within tables as lines: family, dotted name, value as JSON; settings never change."""
    if not isinstance(tables, dict):
        return tables
    lines: list[tuple[str, str, str]] = []
    for name, value in tables.items():
        if isinstance(value, dict):
            lines += _flat(value, (*path, name))
        elif not path:
            raise ValueError(f"write it below [train.{name}], as name = value")
        else:
            lines.append((path[0], ".".join([*path[1:], name]), json.dumps(value, default=str)))
    return tuple(lines)


PlanFields = Annotated[tuple[tuple[str, str, str], ...], BeforeValidator(_flat)]


class Settings(BaseSettings):
    """All settings of one EduPulse home."""

    model_config = SettingsConfigDict(
        env_prefix="EDUPULSE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path = REPOSITORY  # everything the program writes lives below it
    database_url: str = ""  # SQLAlchemy; empty: SQLite at data/store.db in the home
    queue_url: str = ""  # Redis, such as redis://host:6379/0; empty: data/queue.db in the home
    tracking_uri: str = ""  # MLflow, such as https://host or sqlite:////file.db; empty: not used
    model_version: str = ""  # the risk model to use; empty: the active one
    inference_form: Literal["auto", "eager", "onnx", "int8"] = "auto"  # auto: the fastest here
    device: Literal["auto", "cpu", "cuda"] = "auto"  # for training; auto: a GPU if there is one
    import_day: date | None = None  # the day that imports take for today; empty: the clock's
    time_zone: str = "America/New_York"  # the district's, by IANA; set it before the first import
    stale_weeks: int = Field(default=3, ge=1)  # scores of data older than this are hidden
    memory_limit: str = "3GB"  # for DuckDB
    threads: int = 2  # for DuckDB
    attendance: AttendanceRules = field(default_factory=AttendanceRules)
    grades: GradeRules = field(default_factory=GradeRules)
    discipline: DisciplineRules = field(default_factory=DisciplineRules)
    outcomes: OutcomeRules = field(default_factory=OutcomeRules)
    rules: tuple[SchoolRules, ...] = ()  # what differs at some schools or in some grades
    not_school: tuple[str, ...] = ()  # academicSessions.sourcedId, such as a summer session's
    train: PlanFields = ()  # fields of training plans: a table for each family, as [train.risk]
    support: SupportTiers = field(default_factory=SupportTiers)
    imports: ImportRules = field(default_factory=ImportRules)
    gate: GateRules = field(default_factory=GateRules)
    sign_in: SignIn = field(default_factory=SignIn)
    retraining: RetrainingRules = field(default_factory=RetrainingRules)
    jobs: JobRules = field(default_factory=JobRules)
    api: ApiRules = field(default_factory=ApiRules)
    grants: tuple[Grant, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the home's `edupulse.toml`."""
        home = init_settings().get("home") or env_settings().get("home") or REPOSITORY
        path = Path(home).expanduser() / "edupulse.toml"
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is a folder, not a file of settings")
        try:
            toml = TomlConfigSettingsSource(settings_cls, path)
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path} is not UTF-8: byte {error.start + 1}") from None
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
        return init_settings, env_settings, toml

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no time zone {name!r}; one is America/Chicago") from None
        return name

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @cached_property
    def data(self) -> Path:
        """The folder of the warehouse and the store."""
        return self.home / "data"

    @cached_property
    def published(self) -> Path:
        """The file that names the current warehouse."""
        return self.data / "warehouse" / "current.json"

    @cached_property
    def store_url(self) -> str:
        """The store's SQLAlchemy address."""
        return self.database_url or f"sqlite:///{self.data / 'store.db'}"

    def make_home(self) -> None:
        """Make the folder of the warehouse and the store; ConfigError if it can't be written."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.data):
                pass
        except OSError as error:
            raise ConfigError(
                f"EDUPULSE_HOME {self.home}: nothing can be written there ({error.strerror})"
            ) from None

    @property
    def all_rules(self) -> Rules:
        """The district's rules, for whatever trains, scores or judges."""
        kinds = self.attendance, self.grades, self.discipline, self.outcomes
        return Rules(*kinds, self.rules, self.not_school)

    def plan_fields(self, family: str) -> dict[str, Any]:
        """The fields of a family's plans that the settings name, and their values."""
        return {key: json.loads(value) for name, key, value in self.train if name == family}

    def pinned(self, family: str) -> str:
        """The version that the settings pin for a family; empty when they pin none."""
        return self.model_version if family == FIRST_FAMILY else ""

    @property
    def today(self) -> date:
        """The day of the import: today, unless the settings name another."""
        return self.import_day or date.today()


def load_settings(**given: Any) -> Settings:
    """Read the settings of the home.

    Raises ConfigError for the first setting that is unknown or out of range.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"setting {name!r}: {what_is_wrong(first)}") from None
    except SettingsError as error:  # says the field, and beneath it what is wrong with its JSON
        name = str(error).split('"')[1]
        raise ConfigError(
            f"setting {name!r}: EDUPULSE_{name.upper()} is not JSON ({error.__cause__})"
        ) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line \d+, column \d+", str(error))
        place = found[0] if found else "at its end"
        raise ConfigError(
            f"edupulse.toml, {place}: cannot be read; write each setting once, as name = value, "
            'with text in quotes, such as memory_limit = "3GB"'
        ) from None
