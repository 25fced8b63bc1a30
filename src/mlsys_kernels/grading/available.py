"""What this machine has for grading, found out without importing torch, triton or numba."""

import ctypes
import functools
import importlib.util


@functools.cache
def cuda_present() -> bool:
    """True if the CUDA driver is here and sees a device."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        count = ctypes.c_int(0)
        return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
    return False


@functools.cache
def triton_installed() -> bool:
    """True if both torch and triton can be imported."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "triton"))
