"""Interactive shells in a cross environment: the user's own start files first, then the environment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.environments.standing import StandingEnvironment


def find_shell(name: str | None, environ: Mapping[str, str]) -> Path:
    """Return the shell ``name``, a program or a path; if None, the user's own. Raises UsageError."""
    wanted = name or environ.get("SHELL") or "sh"
    found = shutil.which(wanted, path=environ.get("PATH", os.defpath))
    if not found:
        raise UsageError(f"There is no shell {wanted}.", fix="Name one that is there: --shell bash")
    return Path(found)


def interactive(
    shell: Path, inside: StandingEnvironment, environ: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return the command and the environment that start ``shell`` for a person, for ``environ`` outside.

    Writes what the shell reads into the environment's directory.
    """
    directory, variables = inside.directory, dict(environ)
    activate = f". {quote(str(directory / 'activate'))}\n"
    if shell.name == "bash":
        file = directory / "bashrc"
        file.write_text(f"[ ! -f ~/.bashrc ] || . ~/.bashrc\n{activate}", encoding="utf-8")
        return [str(shell), "--rcfile", str(file), "-i"], variables
    if shell.name == "zsh":
        _write_zsh(directory / "zsh", variables.get("ZDOTDIR"), activate)
        return [str(shell), "-i"], {**variables, "ZDOTDIR": str(directory / "zsh")}
    if shell.name == "fish":
        return [str(shell), "--init-command", f"source {quote(str(directory / 'activate.fish'))}", "-i"], variables
    # By POSIX, an interactive shell reads the file that ENV names.
    file = directory / "shrc"
    file.write_text(_assigned("ENV", variables.get("ENV")) + _sourced("${ENV-}") + activate, encoding="utf-8")
    return [str(shell), "-i"], {**variables, "ENV": str(file)}


def _write_zsh(directory: Path, own: str | None, activate: str) -> None:
    """Write start files that read the user's, in ``own`` or at home, as if there were no others.

    The user's first one may say where the others are.
    """
    directory.mkdir(exist_ok=True)
    first = _assigned("ZDOTDIR", own) + _sourced("${ZDOTDIR:-$HOME}/.zshenv")
    ours = f"_crossbuild_zdotdir=${{ZDOTDIR-}} ZDOTDIR={quote(str(directory))}\n"
    theirs = 'ZDOTDIR=$_crossbuild_zdotdir\n[ -n "$ZDOTDIR" ] || unset ZDOTDIR\nunset _crossbuild_zdotdir\n'
    (directory / ".zshenv").write_text(first + ours, encoding="utf-8")
    (directory / ".zshrc").write_text(theirs + _sourced("${ZDOTDIR:-$HOME}/.zshrc") + activate, encoding="utf-8")


def _assigned(name: str, value: str | None) -> str:
    return f"{name}={quote(value)}\n" if value else f"unset {name}\n"


def _sourced(file: str) -> str:
    return f'[ ! -f "{file}" ] || . "{file}"\n'
