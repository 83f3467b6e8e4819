"""A small network with fictional weights, saved as a version, and windows to score with it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import torch

from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.families.risk.checkpoint import RiskModel, save
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork, Standardizer
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training.calibration import Calibration
from edupulse_core.warehouse.snapshots import Snapshot


def write_version(folder: Path, *, seed: int = 0, config: RiskConfig | None = None) -> Path:
    """A version with random weights, wide enough apart that scores differ."""
    torch.manual_seed(seed)
    network = RiskNetwork(config or RiskConfig(hidden=10, projection=32)).eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter *= {"grus": 1.5, "norm": 0.5}.get(name.split(".")[0], 2.0)
            if name.startswith(("cross", "norm")):  # what starts as 0 or alike must count too
                parameter += 0.1 * torch.randn_like(parameter)
    rng = np.random.default_rng(seed)
    mean = rng.uniform(0, 1, len(NAMES)).astype(np.float32)
    std = rng.uniform(0.5, 2, len(NAMES)).astype(np.float32)
    calibration = Calibration((-1.0, 0.0, 1.0), (-2.5, 0.0, 3.0))
    model = RiskModel(
        network,
        Standardizer(mean, std),
        calibration,
        data_range=("2025-09-01", "2026-03-02"),
        created_at="2026-03-09T06:00:00+00:00",
    )
    save(model, folder)
    return folder


@dataclass(frozen=True)
class Batch:
    """Windows of N students, some unknown values, some short histories."""

    values: np.ndarray
    observed: np.ndarray

    def of(self, chosen: object) -> "Batch":
        return Batch(self.values[chosen], self.observed[chosen])


def made_batch(n: int, *, seed: int = 0) -> Batch:
    rng = np.random.default_rng(seed)
    values = rng.normal(0.5, 1.0, (n, 20, len(NAMES))).astype(np.float32)
    values[rng.random(values.shape) < 0.05] = np.nan
    first = np.where(rng.random(n) < 0.3, rng.integers(1, 17, n), 0)
    observed = np.arange(20)[None, :] >= first[:, None]
    values[~observed] = np.nan
    return Batch(values, observed)


@pytest.fixture(scope="session")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole version without ONNX files, so that torch serves it; nobody writes to it."""
    return _fictional(tmp_path_factory, is_cross=True)  # the kind of network that is shipped


@pytest.fixture(scope="session", params=[False, True], ids=["plain", "cross"])
def each_version(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The same of either kind of network, for tests of what the network computes."""
    return _fictional(tmp_path_factory, is_cross=request.param)


def _fictional(tmp_path_factory: pytest.TempPathFactory, *, is_cross: bool) -> Path:
    config = RiskConfig(hidden=10, projection=32, cross=is_cross)
    return write_version(tmp_path_factory.mktemp("models") / "fictional", config=config)


@pytest.fixture
def new_version(tmp_path: Path) -> Callable[..., Path]:
    """Makes a version that a test may damage."""
    return lambda **given: write_version(tmp_path / "mine", **given)


@pytest.fixture(scope="session")
def batch() -> Batch:
    return made_batch(512)


MONDAYS = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(8)]


@dataclass(frozen=True)
class Home:
    """A home with features of eight weeks: 30 students north, 20 south, one newcomer each."""

    settings: Settings
    snapshot: Snapshot

    def change(self, statement: str) -> None:
        """Write to the features file, as a later import would."""
        with duckdb.connect(str(self.snapshot.features_path)) as con:
            con.execute(statement)


def _write_features(path: Path) -> None:
    rng = np.random.default_rng(5)
    tables = files("edupulse_core.features") / "sql" / "tables.sql"
    weeks = [(n, w) for n in range(50) for w in range(6 if n in (0, 30) else 0, len(MONDAYS))]
    history = [w + 1 - (6 if n in (0, 30) else 0) for n, w in weeks]
    key = {
        "student_id": [f"s{n:02}" for n, _ in weeks],
        "week_start": [MONDAYS[w] for _, w in weeks],
    }
    south = np.array([n >= 30 for n, _ in weeks])
    rows = {
        "school_year": [2026] * len(weeks),
        "school_id": ["south" if is_south else "north" for is_south in south],
        "position": [w + 1 for _, w in weeks],
        "history_weeks": history,
        "known_weeks": np.minimum(history, 20),
    }
    values = rng.uniform(0, 1, (len(weeks), len(NAMES)))
    unknown = {name: south & name.startswith("dsc_") for name in NAMES}
    numbers = {name: pa.array(values[:, i], mask=unknown[name]) for i, name in enumerate(NAMES)}
    with duckdb.connect() as con:
        con.execute("attach $path as features", {"path": str(path)})
        con.execute(tables.read_text(encoding="utf-8"))
        con.register("new_weeks", pa.table(key | rows))
        con.register("new_features", pa.table(key | numbers))
        con.execute("insert into features.student_weeks by name select * from new_weeks")
        con.execute("insert into features.features by name select * from new_features")


@pytest.fixture(scope="session")
def features_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("features") / "features.duckdb"
    _write_features(path)
    return path


@pytest.fixture
def home(tmp_path: Path, features_file: Path) -> Home:
    settings = load_settings(home=tmp_path / "home")
    folder = settings.data / "warehouse"
    folder.mkdir(parents=True)
    snapshot = Snapshot("v1", folder / "v1.duckdb", folder / "v1.features.duckdb")
    with duckdb.connect(str(snapshot.path)) as con:
        con.execute((REPOSITORY / "edupulse_core/warehouse/sql/schema.sql").read_text())
    shutil.copy(features_file, snapshot.features_path)
    return Home(settings, snapshot)
