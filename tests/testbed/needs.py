"""What a few tests need that no test can make for itself, and whether this machine has it."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def not_run_here(need: str, why: str) -> BaseException:
    """Return what to raise in a test or fixture that cannot do without ``need``; ``why`` is the machine's answer."""
    return pytest.skip.Exception(f"needs {need}: {why}")


def check(need: str) -> None:
    """End the test that is about to start unless the machine has ``need``, a name of :data:`NEEDS`."""
    if why := NEEDS[need]():
        raise not_run_here(need, why)


@cache
def _user_namespaces() -> str:
    # An overlay, too: some kernels and containers keep that to root, or take none over their own.
    lay = 'exec mount -t overlay overlay -o "lowerdir=/etc:/usr" /usr'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", lay]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return str(error)
    return (done.stderr.strip() or f"unshare exited with {done.returncode}") if done.returncode else ""


@cache
def _notices_of_execve() -> str:
    # seccomp(2): SECCOMP_GET_NOTIF_SIZES, and the flag of Linux 5.5 that lets the system call go on.
    numbers = {"x86_64": 317, "aarch64": 277, "riscv64": 277}
    machine, release = os.uname().machine, os.uname().release
    if machine not in numbers:
        return f"crossbuild does not watch programs on {machine}"
    sizes = ctypes.create_string_buffer(6)
    if ctypes.CDLL(None).syscall(numbers[machine], 3, 0, sizes):
        return "the kernel or the container does not allow it"
    version = tuple(int(number) for number in re.findall(r"\d+", release)[:2])
    return "" if version >= (5, 5) else f"Linux {release} is too old"


NEEDS: dict[str, Callable[[], str]] = {
    "user namespaces": _user_namespaces,
    "notices of execve": _notices_of_execve,
}
"""For each need a function that returns why the machine does not have it, or nothing."""
