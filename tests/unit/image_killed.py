"""Change a root again and again, each time killed one step later, and each time once more without that.

Run by test_image_killed.py, in a process of its own: it forks. Prints how often it was killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from crossbuild.image import plan
from crossbuild.image.plan import Plan
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


def was_killed(work: Callable[[], object], step: int) -> bool:
    child = os.fork()
    if not child:
        kill_at(step)
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def change(action: str, new: Path, root: Path) -> None:
    if action == "uninstall":
        take("probe", out_of=root)
    else:
        put(*upgraded(new), into=root)


@cache
def upgraded(directory: Path) -> list[Any]:
    files = {"probe/__init__.py": b"two\n", "probe/new.py": b"n\n", "probe-2.0.data/scripts/run": b"#!python\n"}
    return [
        make_distribution(directory, files, project="probe-2.0"),
        make_distribution(directory, {"other.py": b"o\n"}, project="other-1.0"),
    ]


def main(action: str, top: Path) -> None:
    old = {"probe/__init__.py": b"one\n", "probe/old.py": b"o\n", "probe/gone/x.py": b"x\n"}
    (top / "wheels").mkdir()
    put(make_distribution(top / "wheels", old), into=top / "before")
    shutil.copytree(top / "before", top / "expected")
    change(action, top / "wheels", top / "expected")
    if action == "rollback":
        leave_unfinished(top / "wheels", shutil.copytree(top / "before", top / "unfinished"))
    step, killed = 0, True
    while killed:
        root = top / f"root{step}"
        if action == "rollback":
            shutil.copytree(top / "unfinished", root)
            killed = was_killed(partial(recover, root), step)
            recover(root)
        else:
            shutil.copytree(top / "before", root)
            killed = was_killed(partial(change, action, top / "wheels", root), step)
            finish(action, top, root)
        if tree(root) != tree(top / ("before" if action == "rollback" else "expected")):
            sys.exit(f"killed before step {step}, it is another tree")
        step += 1
    print(step - 1)


def leave_unfinished(new: Path, root: Path) -> None:
    """Leave ``root`` as a process does that is killed when all files are in their places, but the plan is there."""

    def carry_out(plan: Plan, root: Path) -> None:
        original(plan, root)
        os._exit(0)

    original, child = Plan.carry_out, os.fork()
    if not child:
        with patch.object(Plan, "carry_out", carry_out):
            put(*upgraded(new), into=root)
    os.waitpid(child, 0)


def finish(action: str, top: Path, root: Path) -> None:
    recover(root)
    # Either all of it was done, or nothing.
    if tree(root) == tree(top / "before"):
        change(action, top / "wheels", root)
    elif tree(root) != tree(top / "expected"):
        sys.exit("half of it was done")
    elif action != "uninstall":
        change(action, top / "wheels", root)


if __name__ == "__main__":
    # As if some of the root were on another file system.
    with patch.object(plan, "_is_apart", lambda directory, _: directory.name == "probe"):
        main(sys.argv[1], Path(sys.argv[2]))
