"""Change a root again and again, each time killed one step later, and recover it.

Run by test_image_killed.py, in a process of its own: it forks. Prints how often it was killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from crossbuild.image import renames
from crossbuild.image.renames import Plan
from crossbuild.image.transaction import recover
from tests.unit.image_samples import make_distribution, put, take, tree

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "open")


def kill_at(step: int) -> None:
    """Have this process killed before its ``step``-th change of the file system."""
    left = step

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in STEPS or (event == "open" and not int(arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def was_killed(work: Callable[[Path], object], root: Path, step: int) -> bool:
    child = os.fork()
    if not child:
        kill_at(step)
        work(root)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def upgraded(directory: Path) -> list[Any]:
    files = {"probe/__init__.py": b"two\n", "probe/new.py": b"n\n", "probe-2.0.data/scripts/run": b"#!python\n"}
    return [
        make_distribution(directory, files, project="probe-2.0"),
        make_distribution(directory, {"other.py": b"o\n"}, project="other-1.0"),
    ]


def main(action: str, top: Path) -> None:
    old = {"probe/__init__.py": b"one\n", "probe/old.py": b"o\n", "probe/gone/x.py": b"x\n"}
    (top / "wheels").mkdir()
    new = upgraded(top / "wheels")
    put(make_distribution(top / "wheels", old), into=top / "before")
    start = shutil.copytree(top / "before", top / "start")
    if action == "rollback":
        leave_unfinished(new, start)
    work: dict[str, Callable[[Path], object]] = {
        "upgrade": lambda root: put(*new, into=root),
        "uninstall": lambda root: take("probe", out_of=root),
        "rollback": recover,
    }
    work[action](shutil.copytree(start, top / "expected"))
    root, step, killed = start, 0, True
    while killed:
        root = shutil.copytree(start, top / f"root{step}")
        killed = was_killed(work[action], root, step)
        recover(root)
        # Either all of it was done, or nothing.
        if tree(root) not in (tree(top / "before"), tree(top / "expected")):
            sys.exit(f"killed before step {step}, it is another tree")
        step += 1
    if tree(root) != tree(top / "expected"):
        sys.exit("not killed, it is another tree")
    print(step - 1)


def leave_unfinished(new: list[Any], root: Path) -> None:
    """Leave ``root`` as a process does that is killed when all files are in their places, but the plan is there."""

    def carry_out(plan: Plan, root: Path) -> None:
        original(plan, root)
        os._exit(0)

    original, child = Plan.carry_out, os.fork()
    if not child:
        with patch.object(Plan, "carry_out", carry_out):
            put(*new, into=root)
    os.waitpid(child, 0)


if __name__ == "__main__":
    # As if some of the root were on another file system.
    with patch.object(renames, "_is_apart", lambda directory, _: directory.name == "probe"):
        main(sys.argv[1], Path(sys.argv[2]))
