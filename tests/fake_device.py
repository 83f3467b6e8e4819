"""A second device for a machine that has none: it computes on the CPU and refuses CPU tensors.

Like a GPU, it raises RuntimeError when an operation mixes its tensors with those of the CPU, so
training that finishes on it has moved everything.
"""

from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_map

NAME = "mps"  # a name that PyTorch knows and that the test machines lack
DEVICE = torch.device(NAME)


class There(torch.Tensor):
    """A tensor on the device."""

    __torch_function__ = torch._C._disabled_torch_function_impl


class _Pretence(TorchFunctionMode):
    """Sends what is asked of the device to the CPU and marks what comes out of it."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        given = dict(kwargs or {})
        tensors = [each for each in tree_flatten((args, given))[0] if _is_tensor(each)]
        is_there = any(isinstance(each, There) for each in tensors)
        if func == torch.Tensor.device.__get__:  # type: ignore[attr-defined]
            return DEVICE if is_there else func(*args)
        if func is torch.Tensor.to and len(args) > 1 and isinstance(args[1], str | torch.device):
            return _moved(args[0], torch.device(args[1]))
        if func is torch.Tensor.cpu:
            return _moved(args[0], torch.device("cpu"))
        if func is torch.Tensor.numpy and is_there:
            raise TypeError("a tensor of the device must come back to the CPU first")
        is_mixed = is_there and any(each.dim() and not isinstance(each, There) for each in tensors)
        if func is torch._has_compatible_shallow_copy_type:  # may a weight keep its object?
            return not is_mixed
        if func in (torch.Tensor.backward, torch.Tensor.copy_):  # these may cross
            return func(*args, **given)
        if is_mixed:
            raise RuntimeError(f"{func.__name__}: tensors of the device and of the CPU")
        if given.get("device") is not None and torch.device(given["device"]) == DEVICE:
            given["device"], is_there = "cpu", True
        found = func(*args, **given)
        return tree_map(_mark, found) if is_there else found


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor)


def _mark(value: Any) -> Any:
    plain = _is_tensor(value) and not isinstance(value, There)
    return value.as_subclass(There) if plain else value


def _moved(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    if device == DEVICE:
        return tensor if isinstance(tensor, There) else tensor.clone().as_subclass(There)
    return tensor.clone().as_subclass(torch.Tensor) if isinstance(tensor, There) else tensor


def plugged_in() -> TorchFunctionMode:
    """Let tensors and networks move to the device and back, in a `with` block."""
    return _Pretence()
