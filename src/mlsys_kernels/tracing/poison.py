"""Memory that torch hands out unwritten, filled with values that show in a result where they are used."""

import contextlib
import functools
from typing import Any

_MAKERS = ("empty", "empty_like", "empty_strided", "empty_permuted")
_METHODS = ("new_empty", "new_empty_strided")


def odd_pattern(size: int) -> int:
    """An integer of `size` bytes that is large, odd, positive and no likely result: 0x5a5a5a5b."""
    return int.from_bytes(b"\x5a" * (size - 1) + b"\x5b", "big")


def poison_empty() -> None:
    """Make torch.empty and its relatives fill what they return in this process: NaN, or a large odd integer.

    torch.zeros, torch.full and the like are not made of torch.empty and stay as they are.
    """
    import torch

    for owner, names in ((torch, _MAKERS), (torch.Tensor, _METHODS)):
        for name in names:
            plain = getattr(owner, name, None)
            if plain is not None and not hasattr(plain, "__wrapped__"):
                setattr(owner, name, _poisoning(plain))


def _poisoning(plain: Any) -> Any:
    @functools.wraps(plain)
    def make(*args: Any, **named: Any) -> Any:
        made = plain(*args, **named)
        # Quantized, sparse and the like cannot be filled, and no kernel gets one.
        with contextlib.suppress(RuntimeError, NotImplementedError, TypeError):
            _fill(made)
        return made

    return make


def _fill(tensor: Any) -> None:
    import torch

    if tensor.device.type == "meta" or tensor.numel() == 0:
        return
    with torch.no_grad():
        if tensor.dtype.is_floating_point or tensor.dtype.is_complex:
            tensor.fill_(float("nan"))
        elif tensor.dtype is torch.bool:
            tensor.fill_(True)
        else:
            tensor.fill_(odd_pattern(tensor.element_size()))
