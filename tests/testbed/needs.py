"""What a few tests need that no test can make for itself, and whether this machine has it."""

from __future__ import annotations

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


NEEDS: dict[str, Callable[[], str]] = {"user namespaces": _user_namespaces}
"""For each need a function that returns why the machine does not have it, or nothing."""
