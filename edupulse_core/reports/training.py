"""What a version's curves show, and what helps, in words."""

from edupulse_core.lifecycle.diagnosis import Sign

HEALTHY = (
    "Both losses fall and stay down: nothing speaks of overfitting or of too short a training."
)
NO_CURVE = "This version kept no losses by epoch, so there is no curve."


def sentence(sign: Sign) -> str:
    """What a sign means, and the option that helps."""
    match sign.kind:
        case "overfitting":
            return (
                f"Overfitting: the validation loss ends {sign.value:.0%} above its best while the "
                "training loss keeps falling. The best epoch is kept. More dropout, fewer units or "
                "more weight decay help: --set network.dropout=0.4."
            )
        case "underfitting":
            return (
                f"Underfitting: the losses fall by {sign.value:.1%} only. More units or layers, or "
                "a higher learning rate, help: --set network.hidden=42."
            )
        case "unfinished":
            return (
                f"Not finished: the last of {sign.limit:.0f} epochs was the best. More epochs "
                f"help: --set loop.epochs={2 * sign.limit:.0f}."
            )
        case "unsteady":
            return (
                f"Poor convergence: the validation loss jumps by {sign.value:.0%} from epoch to "
                "epoch. A lower learning rate or a larger batch helps: --set "
                "loop.learning_rate=0.0003."
            )
