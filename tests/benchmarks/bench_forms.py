"""How fast the sister families' networks answer in PyTorch and in ONNX Runtime.

`edupulse bench forms [--quick] [--json]`. Each network in its usual sizes, with weights as drawn:
how long an answer takes depends on neither. Both forms take turns in the same run; the median of
five rounds counts, for one question and for 128 at once. "step" is one step of a path: 8 paths are
followed for each student.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from edupulse_core.config import Settings
from edupulse_core.families import onnx
from edupulse_core.families.difficulty.network import TwoBranches
from edupulse_core.families.path.network import SIGNS, PathConfig, PathNetwork
from edupulse_core.families.recommend.networks import (
    Content,
    ContentSizes,
    Ncf,
    NcfSizes,
    preferred,
)
from edupulse_core.families.study_time.network import NetworkConfig as StudySizes
from edupulse_core.families.study_time.network import StudyNetwork
from edupulse_core.families.tracing.network import NETWORKS, NetworkConfig
from edupulse_core.families.tracing.sequences import FEATURES, Asked
from edupulse_core.training.texts import WIDTH
from tests.benchmarks import kept
from tests.benchmarks.command import carry_out, to_stderr

MANY = 128
ROUNDS = 5
ANSWERS, SKILLS, ITEMS, RESOURCES, ABOUT, BEAMS = 50, 60, 480, 150, 120, 8


@dataclass(frozen=True)
class Case:
    """A network and what it reads."""

    network: nn.Module
    inputs: Callable[[int], dict[str, Tensor]]  # rows -> by name
    beams: int = 1  # rows of a question


class Traced(nn.Module):
    """The chance of one skill after a student's answers."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.own = NETWORKS[kind](NetworkConfig(items=ITEMS, skills=SKILLS))

    def forward(
        self, items: Tensor, skills: Tensor, mask: Tensor, past: Tensor, correct: Tensor
    ) -> Tensor:
        asked = Asked(items, skills, mask, past)
        state = self.own.states(asked, correct)[:, -1]
        last = Asked(items[:, -1], skills[:, -1], mask[:, -1], past[:, -1])
        unread = 0.0 * (past[:, -1, 0] + items[:, -1])  # `dkt` reads neither; both stay inputs
        return self.own.score(state, last) + unread


class AllResources(nn.Module):
    """NCF, the content network, or both, on all resources."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__()
        self.ncf = Ncf(1, RESOURCES, NcfSizes()) if "ncf" in parts else None
        sizes = ContentSizes()
        self.content = Content(ABOUT, RESOURCES, sizes) if "content" in parts else None
        self.register_buffer("known", torch.randn(RESOURCES, ABOUT))
        self.register_buffer("folded", torch.randn(RESOURCES, 2 * NcfSizes().embedding))

    def forward(self, history: Tensor) -> Tensor:
        said = torch.zeros_like(history)
        if self.ncf is not None:
            learners, table = history @ self.folded, self.ncf.resources.weight
            shape = (history.shape[0], RESOURCES, -1)
            said = said + self.ncf(learners[:, None].expand(shape), table[None].expand(shape))
        if self.content is not None:
            encoded = self.content.encoder(self.known)
            shape = (history.shape[0], RESOURCES, -1)
            said = said + self.content(
                encoded[None].expand(shape),
                torch.arange(RESOURCES)[None].expand(shape[:2]),
                preferred(history, encoded)[:, None].expand(shape),
            )
        return said


class Step(nn.Module):
    """The next skill of a path, and the state after it."""

    def __init__(self) -> None:
        super().__init__()
        self.own = PathNetwork(PathConfig(SKILLS, 64, 64, 2, 0.1))
        self.register_buffer("tokens", torch.arange(1, SKILLS + 1))

    def forward(
        self, before: Tensor, hidden: Tensor, cell: Tensor, signs: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        state = (hidden.transpose(0, 1).contiguous(), cell.transpose(0, 1).contiguous())
        logits, (h, c) = self.own.write(before, state, signs, self.tokens)
        return logits, h.transpose(0, 1), c.transpose(0, 1)


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """Milliseconds of each network in each form, by the number of questions."""
    torch.manual_seed(0)
    rows = {}
    for name, case in _cases().items():
        if quick and name not in ("difficulty network", "path seq2seq, step"):
            continue
        rows[name] = _measured(case)
        to_stderr(f"{name}: {rows[name]}")
    return {"quick": quick, "cores": onnx.cores(), "networks": rows}


def _measured(case: Case) -> dict[str, Any]:
    network = case.network.eval()
    few = case.inputs(2)
    with torch.inference_mode():
        made = network(**few)
    outputs = [f"out{at}" for at in range(len(made) if isinstance(made, tuple) else 1)]
    other = onnx.OnnxRun(onnx.export(network, few, outputs))

    def eager(given: dict[str, Tensor]) -> Tensor:
        with torch.inference_mode():
            said = network(**given)
        return said[0] if isinstance(said, tuple) else said

    found: dict[str, Any] = {"difference": 0.0}
    for n in (1, MANY):
        given = case.inputs(n * case.beams)
        arrays = [each.numpy() for each in given.values()]
        apart = np.abs(eager(given).numpy() - other(*arrays)[0]).max()
        found["difference"] = max(found["difference"], float(apart))
        ways = {"eager": lambda g=given: eager(g), "onnx": lambda a=arrays: other(*a)}
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, work in ways.items():
                taken[name].append(_milliseconds(work, max(1, 32 // n)))
        found |= {f"{name}_{n}": round(median(each), 4) for name, each in taken.items()}
    return found


def _milliseconds(work: Callable[[], Any], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - began) / repeats * 1000


def _cases() -> dict[str, Case]:
    def answers(n: int) -> dict[str, Tensor]:
        return {
            "items": torch.randint(0, ITEMS, (n, ANSWERS)),
            "skills": torch.randint(0, SKILLS, (n, ANSWERS, 2)),
            "mask": (torch.rand(n, ANSWERS, 2) < 0.9).float(),
            "past": torch.randn(n, ANSWERS, FEATURES),
            "correct": torch.randint(0, 2, (n, ANSWERS)),
        }

    def history(n: int) -> dict[str, Tensor]:
        return {"history": (torch.rand(n, RESOURCES) < 0.1).float()}

    def text(n: int) -> dict[str, Tensor]:
        return {"vectors": torch.randn(n, WIDTH), "measures": torch.randn(n, 10)}

    def step(n: int) -> dict[str, Tensor]:
        return {
            "before": torch.randint(1, SKILLS, (n, 1)),
            "hidden": torch.randn(n, 2, 64),
            "cell": torch.randn(n, 2, 64),
            "signs": torch.randn(n, 1, SKILLS, SIGNS),
        }

    def session(n: int) -> dict[str, Tensor]:
        seen = torch.rand(n, 10) < 0.7
        return {"flat": torch.randn(n, 50), "steps": torch.randn(n, 10, 20), "seen": seen}

    cases = {f"tracing {kind}": Case(Traced(kind), answers) for kind in NETWORKS}
    for parts in (("ncf",), ("content",), ("ncf", "content")):
        name = parts[0] if len(parts) == 1 else "hybrid"
        cases[f"recommend {name}"] = Case(AllResources(parts), history)
    cases["difficulty network"] = Case(TwoBranches(WIDTH), text)
    cases["path seq2seq, step"] = Case(Step(), step, BEAMS)
    for kind in ("network", "lstm", "attention"):
        network = StudyNetwork(kind, 50, 20, StudySizes())
        cases[f"study time {kind}"] = Case(network, session)
    return cases


def show(found: dict[str, Any]) -> None:
    """Print one table."""
    rows = [
        {
            "network": name,
            "one, PyTorch": f"{each['eager_1']:.2f}",
            "one, ONNX": f"{each['onnx_1']:.2f}",
            f"{MANY}, PyTorch": f"{each[f'eager_{MANY}']:.2f}",
            f"{MANY}, ONNX": f"{each[f'onnx_{MANY}']:.2f}",
            "largest difference": f"{each['difference']:.0e}",
        }
        for name, each in found["networks"].items()
    ]
    words = f"Milliseconds on {found['cores']} cores, median of {ROUNDS} rounds."
    kept.show([{"title": "Networks in two forms", "words": words, "rows": rows}])


if __name__ == "__main__":
    sys.exit(carry_out("forms", run, sys.argv[1:], show=show))
