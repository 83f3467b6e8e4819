"""Trains the risk network, calibrates whatever was learned, and makes its predictions."""

from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.learned import NETWORK, Learned, softmax
from edupulse_core.families.risk.network import CHUNK, RiskConfig, RiskNetwork, Standardizer
from edupulse_core.families.risk.tiers import places_of
from edupulse_core.features import built
from edupulse_core.progress import Progress
from edupulse_core.training import calibration, conformal
from edupulse_core.training.device import chosen
from edupulse_core.training.device import of as device_of
from edupulse_core.training.evaluation import Predicted
from edupulse_core.training.loop import LoopOptions, Loss, Validate
from edupulse_core.training.loop import train as run_loop


@dataclass(frozen=True)
class RiskPlan:
    """The network and how it is trained."""

    network: RiskConfig = field(default_factory=RiskConfig)
    loop: LoopOptions = field(default_factory=LoopOptions)
    score_loss: Literal["bce", "mse"] = "bce"
    class_weight: float = 0.5  # power of 1 / frequency in the category loss; 0: none
    oversample: float = 0.0  # power of 1 / frequency in drawing rows; 0: each once an epoch

    def as_json(self) -> dict[str, Any]:
        """All choices as plain values."""
        return asdict(self)


def fit(
    train: Examples,
    validation: Examples,
    plan: RiskPlan,
    *,
    device: str = "cpu",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    start: RiskModel | None = None,
) -> RiskModel:
    """Train on one part; stop, choose and calibrate on the other.

    start: a trained model to continue from, with the scale of its own inputs.
    """
    torch.manual_seed(plan.loop.seed)
    sizes = built.modality_sizes(train.features)
    network = RiskNetwork(replace(plan.network, modality_sizes=sizes))
    standardizer = Standardizer.fit(train.values, train.observed)
    if start is not None:
        network, standardizer = deepcopy(start.network), start.standardizer
    history = learn(
        network,
        standardizer,
        train,
        validation,
        plan,
        device=device,
        checkpoint=checkpoint,
        progress=progress,
    )
    model = finished(network, NETWORK, standardizer, train, validation)
    model.metrics["training"] = {**plan.as_json(), "rows": len(train)}
    model.metrics["history"] = history
    return model


def finished(
    learned: Learned,
    algorithm: str,
    standardizer: Standardizer,
    train: Examples,
    validation: Examples,
) -> RiskModel:
    """What was learned on one part as a whole model, calibrated on the other."""
    model = RiskModel(
        learned,
        standardizer,
        calibration.Calibration(),
        features=train.features,
        edges=validation.rules.tiers,
        data_range=train.data_range,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        algorithm=algorithm,
        length=train.values.shape[1],
    )
    calibrate(model, validation)
    return model


def learn(
    network: nn.Module,
    inputs: Standardizer,
    train: Examples,
    validation: Examples,
    plan: RiskPlan,
    *,
    device: str = "cpu",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> list[dict[str, float]]:
    """Train any network of the risk network's kind; returns one record for each epoch.

    network: takes (B, T, F) and (B, T), and returns logits of the score (B,) and of the categories
    (B, 4). It is left in eval mode at its best epoch.  inputs: scales the raw weeks.
    """
    return run_loop(
        network,
        len(train),
        _loss(train, inputs, plan),
        _validate(validation, inputs, plan),
        plan.loop,
        device=chosen(device),
        chances=_chances(train, plan.oversample),
        checkpoint=checkpoint,
        progress=progress,
    )


def calibrate(model: RiskModel, validation: Examples) -> None:
    """Fit the score's map and the bands; let the model rescale its levels' logits itself."""
    score, category = logits(model, validation)
    actual = validation.actual
    model.calibration = calibration.fit(score, validation.severity)
    scale, shift = calibration.fit_categories(category, actual.tier)
    model.learned.rescale(scale, shift)
    found, tiers = model.calibrate(score), softmax(scale * category + shift)
    model.bands = conformal.fit(
        found, tiers, places_of(found, validation.rules), actual.tier, validation.students
    )


def logits(model: RiskModel, examples: Examples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score logits (N,) and category logits (N, 4), uncalibrated."""
    mine = examples.reading(model.features)
    score, category = model.learned.logits(mine.values, mine.observed, model.standardizer)
    return score.astype(np.float64), category.astype(np.float64)


def logits_of(
    network: nn.Module, inputs: Standardizer, examples: Examples
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same for a network that `learn` trained: (N,) and (N, 4)."""
    with torch.inference_mode():
        score, category = _forward(network.eval(), inputs, examples)
    return score.double().cpu().numpy(), category.double().cpu().numpy()


def predict(model: RiskModel, examples: Examples) -> Predicted:
    """The calibrated score and the levels' probabilities of each row."""
    return Predicted.from_probabilities(*probabilities(model, examples))


def probabilities(
    model: RiskModel, examples: Examples
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The calibrated score (N,) and the levels' probabilities (N, 4)."""
    score, category = logits(model, examples)
    return model.calibrate(score), softmax(category)


def _forward(
    network: nn.Module, standardizer: Standardizer, examples: Examples
) -> tuple[Tensor, Tensor]:
    scores, categories = [], []
    for start in range(0, len(examples), CHUNK):
        part = slice(start, start + CHUNK)
        score, category = network(*_batch(network, standardizer, examples, part))
        scores.append(score)
        categories.append(category)
    return torch.cat(scores), torch.cat(categories)


def _batch(
    network: nn.Module,
    standardizer: Standardizer,
    examples: Examples,
    rows: slice | NDArray[np.int64],
) -> tuple[Tensor, Tensor]:
    """The chosen rows' weeks and which of them were observed, on the network's device."""
    observed = examples.observed[rows]
    x = standardizer.apply(examples.values[rows], observed)
    device = device_of(network)
    return x.to(device), torch.from_numpy(observed).to(device)


def _loss(train: Examples, standardizer: Standardizer, plan: RiskPlan) -> Loss:
    severity, tiers = train.targets()
    weight = _rarity(tiers.mean(dim=0), plan.class_weight)

    def loss(network: nn.Module, rows: Tensor) -> Tensor:
        score, category = network(*_batch(network, standardizer, train, rows.numpy()))
        return _both(score, category, severity[rows], tiers[rows], plan.score_loss, weight)

    return loss


def _validate(validation: Examples, standardizer: Standardizer, plan: RiskPlan) -> Validate:
    severity, tiers = validation.targets()
    weight = _rarity(tiers.mean(dim=0), plan.class_weight)

    def validate(network: nn.Module) -> float:
        score, category = _forward(network, standardizer, validation)
        return float(_both(score, category, severity, tiers, plan.score_loss, weight))

    return validate


def _both(
    score: Tensor, category: Tensor, severity: Tensor, tiers: Tensor, kind: str, weight: Tensor
) -> Tensor:
    """Half the score's loss and half the categories' loss, on the network's device."""
    severity, tiers, weight = (each.to(score.device) for each in (severity, tiers, weight))
    if kind == "mse":
        by_score = F.mse_loss(score.sigmoid(), severity)
    else:
        by_score = F.binary_cross_entropy_with_logits(score, severity)
    return 0.5 * by_score + 0.5 * F.cross_entropy(category, tiers, weight=weight)


def _rarity(frequency: Tensor, power: float) -> Tensor:
    """Weights that are larger for rarer classes, 1 on average over the rows."""
    weight = frequency.clamp(min=1e-3) ** -power
    return weight / (weight * frequency).sum()


def _chances(train: Examples, power: float) -> Tensor | None:
    if not power:
        return None
    tiers = train.targets()[1]
    return tiers @ _rarity(tiers.mean(dim=0), power)
