"""Change a root again and again, each time killed one step later, and each time once more without that.

Run by test_image_killed.py, in a process of its own: it forks. Prints how often it was killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from tests.unit.image_samples import make_distribution, put, take, tree

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


def was_killed(action: str, new: Path, root: Path, step: int) -> bool:
    child = os.fork()
    if not child:
        kill_at(step)
        change(action, new, root)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def change(action: str, new: Path, root: Path) -> None:
    if action == "upgrade":
        put(*upgraded(new), into=root)
    else:
        take("probe", out_of=root)


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
    step, killed = 0, True
    while killed:
        root = top / f"root{step}"
        shutil.copytree(top / "before", root)
        killed = was_killed(action, top / "wheels", root, step)
        finish(action, top, root)
        if tree(root) != tree(top / "expected"):
            sys.exit(f"killed before step {step}, it is another tree")
        step += 1
    print(step - 1)


def finish(action: str, top: Path, root: Path) -> None:
    from crossbuild.image.transaction import recover

    recover(root)
    # Either all of it was done, or nothing.
    if tree(root) == tree(top / "before"):
        change(action, top / "wheels", root)
    elif tree(root) != tree(top / "expected"):
        sys.exit("half of it was done")
    elif action == "upgrade":
        change(action, top / "wheels", root)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
