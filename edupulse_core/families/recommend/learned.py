"""What each algorithm learned, behind one question: how well does each resource fit a history?"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from scipy import sparse

from edupulse_core.errors import ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.recommend import fit
from edupulse_core.families.recommend.networks import Content, ContentSizes, Ncf, NcfSizes

Array = NDArray[np.float64]
ABOUT = "network.json"
NEIGHBORS = 3  # known resources by which a new one is judged


@dataclass(frozen=True)
class Wanted:
    """Q resources that are to be scored, beside the R that a model knows."""

    places: NDArray[np.int64]  # (Q,) among the known, -1 if new
    known: Array  # (R, F) features
    asked: Array  # (Q, F)
    alike: Array  # (Q, R) how alike they are

    def of(self, scores: Array) -> Array:
        """Scores (N, R) of the known resources, told of the Q: a new one as those most like it."""
        found: Array = np.zeros((len(scores), len(self.places)))
        is_known = self.places >= 0
        found[:, is_known] = scores[:, self.places[is_known]]
        for at in np.flatnonzero(~is_known):
            likest = np.argsort(-self.alike[at], kind="stable")[:NEIGHBORS]
            weight = np.maximum(self.alike[at, likest], 0.0)
            found[:, at] = scores[:, likest] @ weight / max(len(likest), 1)
        return found


class Learned(Protocol):
    """What was learned about R resources."""

    def scores(self, history: sparse.csr_matrix, wanted: Wanted) -> Array:
        """How well each of Q resources fits each history (N, R), higher is better: (N, Q)."""

    def put(self, folder: Path) -> None:
        """Write it into a version's folder."""


@dataclass(frozen=True)
class Weights:
    """A weight from each resource of a history to every other one."""

    weights: Array  # (R, R)

    def scores(self, history: sparse.csr_matrix, wanted: Wanted) -> Array:
        """See `Learned.scores`."""
        return wanted.of(history @ self.weights)

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        write(folder / "weights.safetensors", {"weights": self.weights.astype(np.float32)})


@dataclass(frozen=True)
class Popular:
    """Nothing of a learner's own: everybody is told what is popular in their grade."""

    def scores(self, history: sparse.csr_matrix, wanted: Wanted) -> Array:
        """See `Learned.scores`."""
        return np.zeros((history.shape[0], len(wanted.places)))

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""


@dataclass(frozen=True)
class LearnedNcf:
    """NCF; a learner's embedding comes from their history."""

    network: Ncf
    folded: torch.Tensor  # (R, 2E)

    def scores(self, history: sparse.csr_matrix, wanted: Wanted) -> Array:
        """See `Learned.scores`."""
        return wanted.of(fit.ncf_scores(self.network, self.folded, history))

    def put(self, folder: Path) -> None:
        """See `Learned.put`. The embeddings of the learners themselves are not kept."""
        folder.mkdir(exist_ok=True)
        state = {n: t for n, t in self.network.state_dict().items() if n != "learners.weight"}
        write_torch(folder / "ncf.safetensors", state | {"folded": self.folded})
        resources = self.network.resources.num_embeddings
        whole.write_json(folder / ABOUT, {"resources": resources, **asdict(self.network.sizes)})


@dataclass(frozen=True)
class LearnedContent:
    """The content network."""

    network: Content

    def scores(self, history: sparse.csr_matrix, wanted: Wanted) -> Array:
        """See `Learned.scores`."""
        return fit.content_scores(self.network, history, wanted.known, wanted.asked, wanted.places)

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        folder.mkdir(exist_ok=True)
        write_torch(folder / "content.safetensors", self.network.state_dict())
        sizes = {
            "features": self.network.encoder[0].in_features,
            "resources": self.network.own.num_embeddings - 1,
        }
        whole.write_json(folder / ABOUT, {**sizes, **asdict(self.network.sizes)})


@dataclass(frozen=True)
class Hybrid:
    """Both networks: content counts more the shorter a history is, and alone for new resources."""

    ncf: LearnedNcf
    content: LearnedContent
    half: float  # resources in a history with which both count alike

    def scores(self, history: sparse.csr_matrix, wanted: Wanted) -> Array:
        """See `Learned.scores`."""
        one, other = (standard(each.scores(history, wanted)) for each in (self.ncf, self.content))
        length = np.asarray(history.sum(axis=1)).reshape(-1, 1)
        share = length / (length + self.half) * (wanted.places >= 0)
        found: Array = share * one + (1 - share) * other
        return found

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        for name, each in (("ncf", self.ncf), ("content", self.content)):
            each.put(folder / name)
        whole.write_json(folder / "hybrid.json", {"half": self.half})


def open_weights(folder: Path) -> Weights:
    """Read saved weights. Raises ModelError when they are damaged."""
    return Weights(arrays(folder, "weights.safetensors")["weights"].astype(np.float64))


def open_popular(folder: Path) -> Popular:
    """There is nothing to read."""
    return Popular()


def open_ncf(folder: Path) -> LearnedNcf:
    """Read a saved network. Raises ModelError when it is damaged."""
    about = whole.read_json(folder, ABOUT)
    resources, sizes = about.pop("resources"), _sizes(NcfSizes, about)
    state = _state(folder, "ncf.safetensors")
    folded = state.pop("folded")
    state["learners.weight"] = torch.zeros(1, 2 * sizes.embedding)
    return LearnedNcf(_filled(folder, Ncf(1, resources, sizes), state), folded)


def open_content(folder: Path) -> LearnedContent:
    """Read a saved network. Raises ModelError when it is damaged."""
    about = whole.read_json(folder, ABOUT)
    features, resources = about.pop("features"), about.pop("resources")
    network = Content(features, resources, _sizes(ContentSizes, about))
    return LearnedContent(_filled(folder, network, _state(folder, "content.safetensors")))


def open_hybrid(folder: Path) -> Hybrid:
    """Read both networks. Raises ModelError when one is damaged."""
    half = float(whole.read_json(folder, "hybrid.json")["half"])
    return Hybrid(open_ncf(folder / "ncf"), open_content(folder / "content"), half)


def standard(scores: Array) -> Array:
    """Each learner's scores with mean 0 and spread 1."""
    spread = scores.std(axis=1, keepdims=True)
    found: Array = (scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    return found


def write(path: Path, kept: dict[str, NDArray[Any]]) -> None:
    """Write arrays as safetensors."""
    whole_ones = {name: np.ascontiguousarray(each) for name, each in kept.items()}
    path.write_bytes(safetensors.numpy.save(whole_ones))


def write_torch(path: Path, kept: dict[str, torch.Tensor]) -> None:
    """Write tensors as safetensors."""
    path.write_bytes(
        safetensors.torch.save({n: each.detach().cpu().contiguous() for n, each in kept.items()})
    )


def arrays(folder: Path, name: str) -> dict[str, NDArray[Any]]:
    """Read arrays. Raises ModelError when the file is damaged."""
    try:
        found: dict[str, NDArray[Any]] = safetensors.numpy.load(whole.read(folder, name))
    except SafetensorError as error:
        raise ModelError(f"version {folder.name}: {name}: {error}") from None
    return found


def _state(folder: Path, name: str) -> dict[str, torch.Tensor]:
    try:
        found: dict[str, torch.Tensor] = safetensors.torch.load(whole.read(folder, name))
    except SafetensorError as error:
        raise ModelError(f"version {folder.name}: {name}: {error}") from None
    return found


def _filled(folder: Path, network: Any, state: dict[str, torch.Tensor]) -> Any:
    try:
        network.load_state_dict(state)
    except RuntimeError:
        raise ModelError(f"version {folder.name}: the weights do not fit {ABOUT}") from None
    return network.eval()


def _sizes(kind: Any, about: dict[str, Any]) -> Any:
    return kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in about.items()})
