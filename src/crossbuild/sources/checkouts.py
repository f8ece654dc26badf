"""Working trees of git: which of their files it tracks or ignores, and its data for a copy of them.

The data of a copy is a directory, as in a repository that was just cloned. HEAD, index, refs and configuration are
copies, and objects are found in the original. So a build can do anything with git: the original stays as it is, and
git's commands answer as they do there, whether the original is a clone, a linked worktree, a submodule, or shallow.

Sources: gitrepository-layout(5), git-config(1) (core.checkStat), git-worktree(1), git-ls-files(1).
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

_LEFT_OUT = frozenset(("commondir", "gitdir", "lfs", "logs", "modules", "objects", "worktrees"))
"""What a copy has of its own, or does without. Git LFS finds its files where the objects are."""
_WRITTEN = frozenset(("hooks", "info", "refs", "reftable"))
"""The directories that git, or a build, writes into as often as into the files beside them."""
_CONFIGURATIONS = frozenset(("config", "config.worktree"))
# A copied file has another inode, and is changed later: only its size and the time of its content are the original's.
# gc and maintenance would go on in the background when the build has ended.
_SETTINGS = b"""
[core]
\tcheckStat = minimal
\ttrustctime = false
\tfsmonitor = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""
_WORK_TREE = re.compile(rb"(^|\])[ \t]*worktree[ \t]*=.*$", re.IGNORECASE | re.MULTILINE)
"""The setting for data that is elsewhere than beside the files."""


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """What git knows of the files in a working tree. Paths are relative to its top."""

    tracked: frozenset[str] = frozenset()
    """Files and submodules, and the directories that they are in."""
    ignored: frozenset[str] = frozenset()
    """Files, and directories as a whole."""

    @classmethod
    def from_directory(cls, top: Path, environ: Mapping[str, str]) -> Self:
        """Ask git about the working tree at ``top``. It knows nothing if there is none, or no git.

        The owner of the repository does not matter: whoever builds a project runs its code anyway.
        """
        data = git_directory(top)
        if data is None:
            return cls()
        try:
            tracked = _list_files(["--cached"], top, data, environ)
            ignored = _list_files(["--others", "--ignored", "--exclude-standard", "--directory"], top, data, environ)
        except (OSError, subprocess.SubprocessError):
            return cls()
        return cls(tracked=frozenset(_with_parents(tracked)), ignored=frozenset(_without_mixed(ignored)))

    def ignores(self, path: str) -> bool:
        """Return whether ``path``, or a directory that it is in, is ignored."""
        return not self.ignored.isdisjoint(_with_parents([path]))

    def is_without(self, path: str) -> bool:
        """Return whether git does not track ``path``, but something else in the same directory."""
        if not self.tracked or path in self.tracked:
            return False
        above = path.rpartition("/")[0]
        return path in self.ignored or not above or above in self.tracked


def git_directory(top: Path) -> Path | None:
    """Return where git's data of the working tree at ``top`` is; None if that is not the top of one."""
    place = top / ".git"
    with suppress(OSError, ValueError):
        if place.is_file():
            # Of submodules and linked worktrees, .git is a file that says where the data is.
            place = top / place.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        if os.path.lexists(place / "HEAD") and (_common(place) / "objects").is_dir():
            return place.resolve()
    return None


def _common(data: Path) -> Path:
    """Return where the data is that all working trees of a repository share, one of which has ``data``."""
    file = data / "commondir"
    return data / file.read_text(encoding="utf-8").strip() if file.is_file() else data


def is_same_repository(one: Path, other: Path) -> bool:
    """Return whether both are working trees of one repository."""
    data = git_directory(one)
    of_other = git_directory(other) if data else None
    return bool(data and of_other and _common(data).resolve() == _common(of_other).resolve())


def lend_git(data: Path, into: Path) -> None:
    """Make ``into`` the data of a copy of the working tree that ``data`` belongs to."""
    _lend(data, into)
    common = _common(data)
    if common != data:
        _lend(common, into / "common")
        (into / "commondir").write_text("common\n", encoding="utf-8")


def lend_git_above(data: Path, place: Path, environ: Mapping[str, str]) -> None:
    """Give ``place``, which has links to the files of a working tree with ``data``, git's data as in :func:`lend_git`.

    Git takes the files for unchanged.
    """
    lend_git(data, place / ".git")
    with suppress(OSError, subprocess.SubprocessError):
        files = _list_files(["--cached"], place, place / ".git", environ)
        words = ["update-index", "-z", "--skip-worktree", "--stdin"]
        _run_git(words, place, place / ".git", environ, given="\0".join(files))


def lend(data: Path, into: Path, *, left_out: Container[str] = (), copied: Container[str] = ()) -> None:
    """Make the directory ``into``, with copies of the files of ``data``, and links to its directories.

    Directories of the names ``copied`` are copied, too. Locks are left out.
    """
    into.mkdir()
    for entry in os.scandir(data):
        place = into / entry.name
        # A lock is held by a git that is at work in the original, and would never be released in the copy.
        if entry.name in left_out or entry.name.endswith(".lock"):
            continue
        if entry.is_dir() and entry.name in copied:
            shutil.copytree(entry.path, place, copy_function=_copy_if_there, ignore=shutil.ignore_patterns("*.lock"))
        elif entry.is_dir():
            place.symlink_to(Path(entry.path).resolve())
        elif entry.is_file():
            _copy_if_there(entry.path, str(place))


def _copy_if_there(file: str, place: str) -> None:
    """Copy ``file``, unless another program has just removed it."""
    with suppress(FileNotFoundError):
        shutil.copy2(file, place)


def _lend(data: Path, into: Path) -> None:
    lend(data, into, left_out=_LEFT_OUT, copied=_WRITTEN)
    for name in _CONFIGURATIONS:
        if (into / name).is_file():
            text = (into / name).read_bytes()
            (into / name).chmod(0o600)  # the original may be read-only
            (into / name).write_bytes(_WORK_TREE.sub(rb"\1", text) + _SETTINGS)
    if (data / "objects").is_dir():
        (into / "objects/info").mkdir(parents=True)
        alternate = (data / "objects").resolve()
        (into / "objects/info/alternates").write_text(f"{alternate}\n", encoding="utf-8")


def commit_time(top: Path, environ: Mapping[str, str]) -> int | None:
    """Return the time of the last commit in the working tree at ``top``, in seconds since 1970; None if git tells none.

    It is the committer's (%ct), which a rebase or an amendment makes new.
    """
    data = git_directory(top)
    try:
        return (
            int(_run_git(["-c", "log.showSignature=false", "log", "-1", "--format=%ct"], top, data, environ))
            if data
            else None
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _without_git(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without the repository that crossbuild may have been started for, as by a hook of git."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_") or name == "GIT_EXEC_PATH"
    }


def _list_files(words: Sequence[str], top: Path, data: Path, environ: Mapping[str, str]) -> list[str]:
    return _run_git(["ls-files", "-z", *words], top, data, environ).split("\0")[:-1]


def _run_git(words: Sequence[str], top: Path, data: Path, environ: Mapping[str, str], given: str = "") -> str:
    # git refuses a repository of another user that it finds (safe.directory), but not one that GIT_DIR names. A monitor
    # of the file system is a program that the repository's configuration names.
    located = {**_without_git(environ), "GIT_DIR": str(data), "GIT_WORK_TREE": str(top)}
    command = ["git", "-c", "core.fsmonitor=false", *words]
    return run_program(command, cwd=top, env=located, words=given, check=True).stdout


def _with_parents(paths: Iterable[str]) -> Iterator[str]:
    seen = set[str]()
    for path in paths:
        name = path
        while name and name not in seen:
            seen.add(name)
            yield name
            name = name.rpartition("/")[0]


def _without_mixed(paths: Iterable[str]) -> Iterator[str]:
    """Yield the ignored ``paths``, but not directories that are named only because all that is in them is ignored."""
    for path, following in itertools.pairwise([*sorted(paths), ""]):
        if not (path.endswith("/") and following.startswith(path)):
            yield path.rstrip("/")
