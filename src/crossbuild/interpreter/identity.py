"""Asking an interpreter who it is. A silent failure here would be a silently native wheel later."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

from crossbuild.errors import BuildPythonError
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossbuild.host.model import Host

_ASK = """
import importlib.machinery, json, os, sys, sysconfig
json.dump({
    'platform': sysconfig.get_platform(),
    'machine': os.uname().machine,
    'extension suffix': sysconfig.get_config_var('EXT_SUFFIX'),
    'first extension suffix': importlib.machinery.EXTENSION_SUFFIXES[0],
    'pointer bits': 32 if sys.maxsize == 2**31 - 1 else 64,
    'cross compiling': getattr(sys, 'cross_compiling', False),
}, sys.stdout)
"""


def check_identity(
    python: Path,
    host: Host,
    *,
    environ: Mapping[str, str] | None,
    before: Sequence[str] = (),
    is_cross: bool = True,
) -> None:
    """Run ``python`` once, with the environment ``environ`` (None: this process's), and compare it with ``host``.

    ``before`` is the beginning of the command that runs it. ``is_cross``: whether it is a cross Python, rather than the
    host's own.

    Raises BuildPythonError if it does not run, or does not answer as the host.
    """
    answers = _ask(python, before, environ)
    wrong = [
        f"{what}: {answers.get(what)!r}, but the host says {wanted!r}"
        for what, wanted in {**_expected(host), "cross compiling": is_cross}.items()
        if answers.get(what) != wanted
    ]
    if wrong:
        raise BuildPythonError(
            f"The cross Python {python} does not answer as the host {host.name}.",
            why="\n".join(wrong),
            fix="Unset PYTHONHOME, which leads it past its own standard library; or delete its entry in the cache.",
        )


def _expected(host: Host) -> dict[str, str | int]:
    return {
        "platform": host.platform.sysconfig_platform,
        "machine": host.platform.architecture.name,
        "extension suffix": host.ext_suffix,
        "first extension suffix": host.ext_suffix,
        "pointer bits": host.platform.architecture.bits,
    }


def _ask(python: Path, before: Sequence[str], environ: Mapping[str, str] | None) -> dict[str, str | int]:
    # Not isolated: what the environment does to the interpreter of the hooks is the question. -B: the prefix is shared.
    command = [*before, os.fspath(python), "-B", "-c", _ASK]
    try:
        answer = run_program(command, check=True, timeout=60, env=environ)
        return dict(json.loads(answer.stdout))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise BuildPythonError(
            f"The cross Python {python} does not run.",
            why=str(getattr(error, "stderr", "") or error).strip(),
            fix="Delete its entry in the cache; if that does not help, choose another --build-python.",
        ) from None
