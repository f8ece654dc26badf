"""What a few tests need that no test can make for itself, and whether this machine has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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


_LISTENING = """
import ctypes, os, struct, sys
if "TracerPid:\\t0\\n" not in open("/proc/self/status").read():
    sys.exit("something traces all processes")
everything = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7FFF0000))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 1, ctypes.addressof(everything)))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
if libc.syscall(int(sys.argv[1]), 1, 0x18, program) < 0:
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
started, child = os.pipe(), os.fork()
if not child:
    os.close(started[1])
    os._exit(len(os.read(started[0], 1)))
open(f"/proc/{child}/mem", "rb").close()
"""
"""seccomp(2): a listener with the flag of Linux 5.7; and ptrace(2): the memory of a child."""


@cache
def _notices_of_execve() -> str:
    numbers = {"x86_64": 317, "aarch64": 277, "riscv64": 277}
    machine = os.uname().machine
    if machine not in numbers or sys.maxsize < 2**32:
        return f"crossbuild does not watch programs on {machine}"
    command = [sys.executable, "-I", "-S", "-c", _LISTENING, str(numbers[machine])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


@cache
def _private_binfmt_misc() -> str:
    mount = "exec mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc"
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return str(error)
    return (done.stderr.strip() or f"unshare exited with {done.returncode}") if done.returncode else ""


def _ssh_client() -> str:
    return "" if shutil.which("ssh") else "ssh is not on PATH"


NEEDS: dict[str, Callable[[], str]] = {
    "user namespaces": _user_namespaces,
    "a private binfmt_misc": _private_binfmt_misc,
    "notices of execve": _notices_of_execve,
    "an ssh client": _ssh_client,
}
"""For each need a function that returns why the machine does not have it, or nothing."""
