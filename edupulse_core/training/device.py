"""Which processor a network is trained on."""

import torch
from torch import nn

from edupulse_core.errors import ConfigError


def chosen(asked: str) -> torch.device:
    """The device that a setting asks for; "auto" is a GPU if there is one, otherwise the CPU.

    Raises ConfigError if the device is not there.
    """
    if asked == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(asked)
    except RuntimeError:
        raise ConfigError(f"setting 'device': PyTorch knows no device {asked!r}") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            "setting 'device': PyTorch finds no CUDA GPU on this machine; use 'auto' or 'cpu'"
        )
    return device


def of(network: nn.Module) -> torch.device:
    """The device that a network's weights are on; its batches must go there too."""
    return next(network.parameters()).device
