"""pip, of which a cross environment has two: for what runs on this machine, and for what is taken to the host."""

from __future__ import annotations

import sys
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING

from crossbuild.building.workspace import build_venv, lay_for_host
from crossbuild.environments.entering import outside_file
from crossbuild.index.index import Index
from crossbuild.index.pip import run_pip
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.options.passed_variables import Passed
from crossbuild.system.filesystem import write_script
from crossbuild.wheelhouse.workshop import host_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossbuild.session.session import Session

_WHICH = """\
echo "crossbuild: there are two kinds of pip here:" >&2
echo "  build-pip $* : for this machine, what builds run and import" >&2
echo "  cross-pip $* : for the host, what is taken there" >&2
exit 2
"""
_NOTE = 'echo "crossbuild: python -m pip is for this machine, as build-pip is; for the host: cross-pip" >&2'


def write_pips(directory: BuildDirectory, *, version: str) -> Path:
    """Write ``build-pip``, ``cross-pip`` and what ``pip`` says of them into the environment's ``bin``.

    ``version`` is that of the Python. Returns the program that is pip for ``python -m pip``, as builds call it.
    """
    out = f". {quote(str(outside_file(directory.path)))}\n"
    for name, *end in (("build-pip", "--"), ("cross-pip",)):
        # By this Python, since the environment's PATH may have no crossbuild on it, or another one.
        words = (sys.executable, "-m", "crossbuild", name, "--env-dir", str(directory.path), *end)
        write_script(directory.bin / name, f'{out}exec {" ".join(map(quote, words))} "$@"\n')
    for name in ("pip", "pip3", f"pip{version}"):
        write_script(directory.bin / name, _WHICH)
    program = directory.native / "python-m-pip"
    return write_script(program, f'{_NOTE}\nexec {quote(str(directory.bin / "build-pip"))} "$@"\n')


def run_build_pip(directory: Path, words: Sequence[str], session: Session) -> int:
    """Run the build venv's pip with ``words``; what is installed then is fit to be compiled against for the host.

    It has the standard streams of this process. Returns its status. Raises RequirementsError.
    """
    passed = Passed.from_environ(session.services.environ, session.options.configuration.pass_env)
    venv = build_venv(BuildDirectory(path=directory), session, passed)
    venv.provide_pip()
    index, tell = Index(settings=session.fetching.settings, cache=session.services.cache), session.reporter.warning
    status = run_pip(venv.python, words, index=index, environ=venv.installer_environ, tell=tell)
    if status == 0 and {"install", "uninstall"}.intersection(words):
        lay_for_host(venv, (), host=session.target().host, session=session, wheels=partial(host_wheel, session))
    return status
