"""One checkpoint, loaded once a process, that scores students; torch is loaded only for a GPU."""

import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families.risk import forms
from edupulse_core.families.risk.forms import Form, Mask, OnnxRun, Values
from edupulse_core.families.risk.version import Version, fingerprint, verify

_loaded: dict[tuple[str, str, str], "Engine"] = {}
_loading = threading.Lock()


@dataclass(frozen=True)
class Predictions:
    """What the model says of N students."""

    score: NDArray[np.float64]  # (N,) calibrated expected severity, 0..1
    probabilities: NDArray[np.float64]  # (N, 4) of the tiers, low first; each row sums to 1


@dataclass(frozen=True)
class Engine:
    """A verified checkpoint, ready to score; share it between threads."""

    folder: Path
    trained: Version
    form: str  # cuda, eager, onnx or int8
    serve: Form = field(repr=False)

    @property
    def version(self) -> str:
        """The model version, as every stored score names it."""
        return self.trained.name

    def logits(self, values: Values, observed: Mask) -> forms.Result:
        """The network's own outputs, before sigmoid, softmax and calibration.

        Raises ModelError when the arrays are not windows of the model's features.
        """
        weeks = (self.trained.length, len(self.trained.features))
        if values.shape[1:] != weeks or observed.shape != values.shape[:2]:
            raise ModelError(
                f"{self.version} reads windows of {weeks[0]} weeks by {weeks[1]} features, "
                f"found {values.shape} with {observed.shape} observed"
            )
        ready = np.ascontiguousarray(values, dtype=np.float32)
        return self.serve(ready, np.ascontiguousarray(observed, dtype=bool))

    def predict(self, values: Values, observed: Mask) -> Predictions:
        """Score each student's window; who else is in the batch changes nothing (1e-6).

        values: (N, T, F) as built, NaN = unknown.  observed: (N, T), the last week always True.
        """
        if not len(values):
            return Predictions(np.empty(0), np.empty((0, 4)))
        score, category = self.logits(values, observed)
        if not (np.isfinite(score).all() and np.isfinite(category).all()):
            raise ModelError(f"{self.version} gave a score that is not a number: {self.folder}")
        return Predictions(
            self.trained.calibration.apply(score.astype(np.float64)), softmax(category)
        )

    def logit_and_gradient(self, standardised: Values, observed: Mask) -> tuple[Values, Values]:
        """The score's logit (N,) and its gradient by the network's own input (N, T, F)."""
        logit, gradient, _ = self._gradient(standardised, observed)
        return logit, gradient

    def attention(self, standardised: Values, observed: Mask) -> Values:
        """Where the scored week looks: (N, heads, T), each head's sum 1, padding 0."""
        return self._gradient(standardised, observed)[2]

    @cached_property
    def _gradient(self) -> OnnxRun:
        return OnnxRun(forms.content(self.folder, forms.GRADIENT), chunk=forms.CHUNK // 2)


def load(folder: Path, *, form: str = "auto") -> Engine:
    """The engine of a version's folder; the same one again while the folder is unchanged.

    Raises ModelError when the checkpoint is missing, damaged or made for other features.
    """
    chosen = forms.choose(form)
    with _loading:
        key = (str(folder.resolve()), fingerprint(folder), chosen)
        if key not in _loaded:
            verified = verify(folder)
            _loaded[key] = Engine(folder, verified, chosen, forms.open_form(folder, chosen))
        return _loaded[key]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits to probabilities along the last axis."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares
