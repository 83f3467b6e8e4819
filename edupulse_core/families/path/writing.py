"""What the network is taught, and how it writes paths: always within what may come next."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edupulse_core.families.onnx import OnnxRun
from edupulse_core.families.path.examples import PathExamples
from edupulse_core.families.path.network import MODES, UNKNOWN, PathNetwork
from edupulse_core.families.path.practice import Practice, Walk, gained
from edupulse_core.training.device import of as device_of

Array = NDArray[np.float64]
Places = NDArray[np.int64]
State = tuple[Tensor, Tensor]  # of the decoder: (layers, B, H) each
CHUNK = 256  # students at once
FEW = 64  # rows up to which ONNX Runtime is faster than torch


@dataclass(frozen=True)
class Writer:
    """A network with the skills that it was trained on."""

    network: PathNetwork
    skills: tuple[str, ...]
    quick: OnnxRun | None = None  # the decoder's step in ONNX Runtime, faster for a few rows

    def tokens(self, examples: PathExamples) -> Places:
        """The token of each skill of a course, (S,)."""
        known = {name: at + 1 for at, name in enumerate(self.skills)}
        return np.array([known.get(name, UNKNOWN) for name in examples.course.skills], np.int64)

    def step(
        self, before: Tensor, state: State, signs: Tensor, tokens: Tensor
    ) -> tuple[Tensor, State]:
        """Logits of the next skill, (B, S), and the state after it.

        before: (B, 1).  signs: (B, S, SIGNS).  tokens: (S,).
        """
        if self.quick is None or len(before) > FEW or not self._is_own(tokens):
            logits, state = self.network.write(before, state, signs[:, None], tokens)
            return logits[:, 0], state
        given = (each.transpose(0, 1).contiguous().numpy() for each in state)
        made = self.quick(before.numpy(), *given, signs[:, None].numpy())
        logits, hidden, cell = map(torch.from_numpy, made)
        return logits[:, 0], (hidden.transpose(0, 1), cell.transpose(0, 1))

    def _is_own(self, tokens: Tensor) -> bool:
        """Whether these are the skills that it was trained on, in their order."""
        return torch.equal(tokens, torch.arange(1, len(self.skills) + 1))


def signs(walk: Walk, begun: NDArray[np.bool_]) -> Tensor:
    """How each skill stands, (N, S, SIGNS).  begun: (N, S)."""
    allowed = walk.allowed
    gains = walk.gains
    wanted = (walk.in_scope & ~walk.taken).astype(float)
    opens = wanted @ walk.course.behind  # skills behind which it stands
    return torch.from_numpy(
        np.stack(
            [
                walk.mastery,
                walk.ready,
                4 * gains,
                allowed,
                begun,
                np.log1p(opens),
                4 * np.where(allowed, gains, 0.0).max(axis=1, keepdims=True) - 4 * gains,
            ],
            axis=-1,
        ).astype(np.float32)
    )


def begun_so_far(writer: Writer, examples: PathExamples, mastery: Array) -> tuple[Tensor, Tensor]:
    """Tokens and mastery of the skills that the students have begun, (N, HISTORY) each."""
    tokens = np.append(writer.tokens(examples), -1)[examples.done]
    own = np.take_along_axis(mastery, np.maximum(examples.done, 0), axis=1)
    return torch.from_numpy(tokens), torch.from_numpy(own.astype(np.float32))


@torch.no_grad()
def write(
    writer: Writer,
    practice: Practice,
    examples: PathExamples,
    *,
    mode: str = "best",
    width: int = 1,
) -> Places:
    """Paths by beam search on the CPU, (N, L); -1 after the last step.

    mode "best": of the beams, the one that is expected to gain most; only what may come next.
    "recorded": the likeliest; skills that were begun before never come again.
    """
    parts = range(0, len(examples), CHUNK)
    rows = [np.arange(at, min(at + CHUNK, len(examples))) for at in parts]
    found = [_write(writer, practice, examples.of(part), mode, width) for part in rows]
    return np.concatenate([np.zeros((0, examples.length), np.int64), *found])


def _write(
    writer: Writer, practice: Practice, examples: PathExamples, mode: str, width: int
) -> Places:
    n, length, size = len(examples), examples.length, examples.course.size
    tokens = torch.from_numpy(writer.tokens(examples))
    walk, begun = Walk(practice, examples), examples.weight > 0
    state = writer.network.read(*begun_so_far(writer, examples, walk.mastery))
    before = writer.network.start(torch.full((n, 1), MODES.index(mode)))
    paths, total, who = np.full((n, length), -1), np.zeros(n), np.arange(n)
    for at in range(length):
        fits = walk.allowed if mode == "best" else ~(walk.taken | begun[who])
        logits, state = writer.step(before, state, signs(walk, begun[who]), tokens)
        said = logits.double().masked_fill(~torch.from_numpy(fits), -torch.inf)
        chances = said.log_softmax(dim=-1).numpy()
        chances = np.where(fits, chances, -np.inf)  # not a number where none fits
        ends = ~fits.any(axis=1)
        stays = np.where(ends, total, -np.inf)  # a path that is at its end stays in the running
        scores = np.concatenate([total[:, None] + chances, stays[:, None]], axis=1)
        beams = len(who) // n
        best = np.argsort(-scores.reshape(n, beams * (size + 1)), axis=1, kind="stable")[:, :width]
        row = (np.arange(n)[:, None] * beams + best // (size + 1)).ravel()
        step = (best % (size + 1)).ravel()
        step = np.where(step == size, -1, step)
        total = np.take_along_axis(scores.reshape(n, -1), best, axis=1).ravel()
        step = np.where(np.isfinite(total), step, -1)
        walk, who = walk.of(row), who[row]
        walk.take(step)
        paths = paths[row]
        paths[:, at] = step
        state = (state[0][:, row], state[1][:, row])
        before = torch.where(torch.from_numpy(step) >= 0, tokens[step], UNKNOWN)[:, None]
    worth = total
    if mode == "best":
        worth = gained(practice, examples.of(who), paths).sum(axis=1)
        worth = np.where(np.isfinite(total), worth, -np.inf)
    beams = len(who) // n
    found: Places = paths[np.arange(n) * beams + worth.reshape(n, beams).argmax(axis=1)]
    return found


@dataclass(frozen=True)
class Steps:
    """All that the network is told along M paths of L steps, worked out once for every epoch."""

    tokens: Tensor  # (S,) of the skills
    done: Tensor  # (M, HISTORY) tokens of what was begun before, -1 before the first
    mastery: Tensor  # (M, HISTORY) of each of them
    before: Tensor  # (M, L) token of the step before
    signs: Tensor  # (M, L, S, SIGNS)
    is_closed: Tensor  # (M, L, S) what may not come at that step
    taken: Tensor  # (M, L) the skill that comes, -1 after the last

    def __len__(self) -> int:
        """The number of paths."""
        return len(self.taken)


def along(
    writer: Writer,
    practice: Practice,
    examples: PathExamples,
    paths: Places,
    mode: NDArray[np.int64],
) -> Steps:
    """What the network is told along some paths.

    paths: (M, L) skills, -1 after the last.  mode: (M,) place in MODES of each.
    """
    tokens = torch.from_numpy(writer.tokens(examples))
    walk, begun = Walk(practice, examples), examples.weight > 0
    done, mastery = begun_so_far(writer, examples, walk.mastery)
    best = (mode == MODES.index("best"))[:, None]
    told, closed = [], []
    for step in paths.T:
        told.append(signs(walk, begun))
        closed.append(~np.where(best, walk.allowed, ~(walk.taken | begun)))
        walk.take(step)
    taken = torch.from_numpy(paths)
    first = writer.network.start(torch.from_numpy(mode))[:, None]
    rest = torch.where(taken >= 0, tokens[taken.clamp(min=0)], UNKNOWN)
    return Steps(
        tokens,
        done,
        mastery,
        torch.cat([first, rest[:, :-1]], dim=1),
        torch.stack(told, dim=1),
        torch.from_numpy(np.stack(closed, axis=1)),
        taken,
    )


def losses(network: PathNetwork, steps: Steps, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Minus the log of the chance of each step of some paths, (B, L), and where there is one.

    The network is told the steps before, not what it said itself (teacher forcing).
    """
    there = device_of(network)
    done, mastery, before, told, closed, taken = (
        each[rows].to(there)
        for each in (
            steps.done, steps.mastery, steps.before, steps.signs, steps.is_closed, steps.taken
        )
    )  # fmt: skip
    state = network.read(done, mastery)
    logits, _ = network.write(before, state, told, steps.tokens.to(there))
    chances = logits.masked_fill(closed, -30.0).log_softmax(dim=-1)
    here = taken >= 0
    found = -chances.gather(-1, taken.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return found * here, here
