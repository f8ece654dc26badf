"""Repositories with a project in them, and the copies that builds get."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from crossbuild.sources.project import Source

ENVIRON = {**os.environ, "HOME": "/home/nobody"}
_SETTINGS = ("user.name=Somebody", "user.email=somebody@example.org", "protocol.file.allow=always")
_ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(directory: Path, *words: str | Path) -> str:
    """Run git, whatever the settings of the user are, and return what it says."""
    command = ["git", *(word for setting in _SETTINGS for word in ("-c", setting)), *words]
    done = subprocess.run(
        command, cwd=directory, env={**os.environ, **_ALONE}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def write(top: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return top


def repository(top: Path, files: dict[str, str] | None = None) -> Path:
    """Make a repository with a project in ``python/``, whose one commit is tagged v1.2.3."""
    some = {"README.md": "All", "core/core.c": "int a;", "python/pyproject.toml": "", ".gitignore": ""}
    write(top, {**some, **(files or {})})
    for path in top.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))  # git compares the content of what is as new as its index
    git(top, "init", "-q")
    git(top, "add", "--all")
    git(top, "commit", "-q", "-m", "All")
    git(top, "tag", "v1.2.3")
    return top


def build(project: Path, into: Path, environ: dict[str, str] = ENVIRON) -> Source:
    """Return the copy of ``project`` that a build gets."""
    return Source.from_directory(project).brought_below(into, environ)


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def files_of(directory: Path) -> dict[str, bytes | str]:
    """Return all that is in ``directory``, also what git has there."""
    found: dict[str, bytes | str] = {}
    for place, names, files in os.walk(directory):
        for path in (Path(place, name) for name in (*names, *files)):
            name = str(path.relative_to(directory))
            found[name] = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
    return found
