"""What each algorithm has learned: from twelve numbers to the log odds of being admitted.

Scikit-learn's models are kept by skops, which builds only the types that are named here, and never
runs what a file says. XGBoost's are kept in its own format, networks as safetensors.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from zipfile import ZIP_DEFLATED

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families import version as whole
from edupulse_core.families.admission.scale import Scale, squared

Array = NDArray[np.float64]

SKOPS, BOOSTER = "estimator.skops", "booster.ubj"
LEAST = 1e-3  # a forest may be sure; the log odds of 0 and 1 have no end
TRUSTED = (  # beside what skops trusts already: trees, which hold numbers only
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)


class Learned(Protocol):
    """What an algorithm has learned."""

    def logits(self, x: Array) -> Array:
        """The log odds of N applications (N, 12), not calibrated yet, (N,)."""

    def put(self, folder: Path) -> None:
        """Write its files into a folder."""


@dataclass(frozen=True)
class Estimator:
    """A model of scikit-learn, with what happens to the numbers before it."""

    fitted: Any
    scale: Scale | None = None  # None: it reads numbers as they are, unknown ones too
    squares: bool = False

    def logits(self, x: Array) -> Array:
        """See `Learned.logits`."""
        return logit(self.fitted.predict_proba(self.prepared(x))[:, 1])

    def prepared(self, x: Array) -> Array:
        """The numbers as the model reads them."""
        if self.scale is None:
            return x
        return squared(self.scale(x)) if self.squares else self.scale(x)

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        import skops.io

        skops.io.dump(self.fitted, folder / SKOPS, compression=ZIP_DEFLATED)
        scale = self.scale and self.scale.as_json()
        whole.write_json(folder / "scale.json", {"scale": scale, "squares": self.squares})

    @classmethod
    def open(cls, folder: Path) -> "Estimator":
        """Read a saved model. Raises ModelError if it holds anything that is not trusted."""
        import skops.io

        whole.read(folder, SKOPS)  # so that a missing file is told in one sentence
        strange = set(skops.io.get_untrusted_types(file=folder / SKOPS)) - set(TRUSTED)
        if strange:
            raise ModelError(
                f"version {folder.name} is not opened: {SKOPS} holds {sorted(strange)[0]}"
            )
        fitted = skops.io.load(folder / SKOPS, trusted=list(TRUSTED))
        about = whole.read_json(folder, "scale.json")
        scale = about["scale"] and Scale.from_json(about["scale"])
        return cls(fitted, scale, bool(about["squares"]))


@dataclass(frozen=True)
class Booster:
    """XGBoost's trees."""

    fitted: Any

    def logits(self, x: Array) -> Array:
        """See `Learned.logits`."""
        found = self.fitted.inplace_predict(x.astype(np.float32), predict_type="margin")
        return np.asarray(found, np.float64)

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        self.fitted.save_model(folder / BOOSTER)

    @classmethod
    def open(cls, folder: Path) -> "Booster":
        """Read saved trees."""
        from xgboost import Booster as Trees

        made = Trees({"nthread": 1})
        made.load_model(bytearray(whole.read(folder, BOOSTER)))
        return cls(made)


def logit(chance: Array) -> Array:
    """The log odds of chances, (N,)."""
    kept = np.clip(chance, LEAST, 1 - LEAST)
    found: Array = np.log(kept / (1 - kept))
    return found


def doubled(x: Array, admitted: Array) -> tuple[Array, NDArray[np.int64], Array]:
    """Cases as classifiers learn them: rows, kinds and weights.

    A share of .7 is a case that was admitted with weight .7, and one that was not with weight .3.
    """
    rows = np.arange(len(x))
    at = np.concatenate([rows, rows])
    kind = np.concatenate([np.ones(len(x), np.int64), np.zeros(len(x), np.int64)])
    weight = np.concatenate([admitted, 1 - admitted])
    some = weight > 0
    return x[at[some]], kind[some], weight[some]
