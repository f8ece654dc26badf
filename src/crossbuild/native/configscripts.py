"""``xml2-config``, ``pg_config`` and their like: programs that say how to compile against a library.

Those in a sysroot are mostly scripts, and answer about the host wherever they run; they know nothing of the sysroot,
though. Those on the build machine's PATH answer about the build machine: they must not be asked at all.
"""

from __future__ import annotations

import os
import re
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.system.filesystem import write_script
from crossbuild.system.programs import directories_on, file_names
from crossbuild.system.rooted_paths import directories_in, follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAME = re.compile(r".+[-_]config")
_OURS = re.compile(r"(?:.+-)?(?:python[\d.]*[a-z]*(?:-dbg)?|pkg)-config")
_PLACES = ("/usr/bin", "/usr/local/bin", "/bin")
_RECORD = "absent-programs"


def write_config_scripts(directory: Path, *, sysroot: Path | None, path: str, python: Path) -> tuple[Path, ...]:
    """Write into ``directory``, which is to come before ``path`` on the cross PATH, what answers for the host.

    Scripts in ``sysroot`` are run here by ``python`` (any for this machine), and answer with paths below it: these are
    returned. What is only on ``path`` (the build machine's PATH), or is a program for the host, fails as if it were not
    there.
    """
    answer = directory / ".host-answer.py"
    answer.write_text(files("crossbuild.native").joinpath("host_answer.py").read_text(encoding="utf-8"))
    for name in _names(directories_on(path)):
        write_refusal(directory / name, "it is the build machine's, and the sysroot has none")
    # -I and -S: variables such as PYTHONPATH are those of hooks, which are not for this Python.
    return _offer(directory, sysroot, command=(str(python), "-I", "-S", str(answer), str(sysroot))) if sysroot else ()


def write_refusal(program: Path, why: str, *, record: str = "", first: str = "") -> None:
    """Write ``program``, which fails as if it were not there, says ``why``, and records that it was asked.

    What it says goes into the file ``record``, if one is named. ``first`` is a shell command to begin with.
    """
    said = f"no {program.name} for the host: {why}"
    recorded, file = (said, record) if record else (program.name, _RECORD)
    write_script(
        program,
        f'{first}[ -z "$CROSSBUILD_RECORD" ] || echo {quote(recorded)} >>"$CROSSBUILD_RECORD/{file}"\n'
        f"echo {quote(f'crossbuild: {said}')} >&2\n"
        "exit 127\n",  # as shells do for a command that is not there
    )


def config_scripts(directory: Path) -> tuple[Path, ...]:
    """Return the programs of this kind in ``directory``."""
    return tuple(sorted(directory / name for name in _names((directory,))))


def read_absent_programs(record: Path) -> tuple[str, ...]:
    """Return which programs builds ran that had no answer about the host: ``xml2-config``."""
    file = record / _RECORD
    return tuple(dict.fromkeys(file.read_text(encoding="utf-8").split())) if file.exists() else ()


def _offer(directory: Path, sysroot: Path, *, command: tuple[str, ...]) -> tuple[Path, ...]:
    """Write a file for each script of ``sysroot``, which ``command`` runs with an interpreter, and return them."""
    answering = []
    for name in sorted({*_names(directories_in(sysroot, _PLACES))}):
        script = _find(sysroot, name)
        if interpreter := _interpreter(script):
            words = (*command, *interpreter, str(script))
            write_script(directory / name, f'exec {" ".join(map(quote, words))} "$@"\n')
            answering.append(directory / name)
        else:
            write_refusal(directory / name, f"{script} is a program for the host, and cannot run here")
    return tuple(answering)


def _names(directories: Iterable[Path]) -> Iterator[str]:
    names = file_names(directories)
    return (name for name in names if _NAME.fullmatch(name) and not _OURS.fullmatch(name))


def _find(sysroot: Path, name: str) -> Path:
    """Return the file that ``name`` is on the host: its links, absolute ones too, lead to files of the sysroot."""
    files = (directory / name for directory in directories_in(sysroot, _PLACES))
    found = next(filter(os.path.lexists, files))
    try:
        return follow(found, root=sysroot)
    except OSError:
        return found


def _interpreter(script: Path) -> tuple[str, ...]:
    """Return the command that runs ``script`` on this machine, from its ``#!`` line; empty if it has none."""
    try:
        with script.open("rb") as file:
            start, line = file.read(2), file.readline()
    except OSError:
        return ()
    words = os.fsdecode(line).split() if start == b"#!" else []
    # By name alone: this machine may have its own perl elsewhere than the host has.
    names = [Path(word).name for word in words[:1]] + words[1:]
    if names[:1] == ["env"]:
        return tuple(names[2:] if names[1:2] == ["-S"] else names[1:])
    return tuple(names)
