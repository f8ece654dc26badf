"""What a build Python lends a host of its version: headers, the form of ``pyconfig.h``, what no machine changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from crossbuild.errors import BuildPythonError, HostError
from crossbuild.host.reading.pyconfig import read_pyconfig
from crossbuild.host.reading.sysconfigdata import find_sysconfigdata, read_variables_file

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.host.model import PartialHost, Variables


@dataclass(frozen=True, kw_only=True)
class Lent:
    """What the build Python recorded of itself."""

    include: Path
    pyconfig: str
    variables: Variables

    @classmethod
    def from_build_python(cls, build_python: BuildPython, host: PartialHost) -> Self:
        """Read what ``host`` needs. Raises BuildPythonError if it is of another version, or has no headers."""
        check_lender(host, build_python)
        try:
            # The one that its own sysconfig imports. conda's Pythons have others beside it.
            file = build_python.stdlib / f"{build_python.sysconfigdata_name}.py"
            if not file.is_file():
                file = find_sysconfigdata([build_python.stdlib], build_python.abi_flags)
            variables = read_variables_file(file)
            size = variables.get("SIZEOF_VOID_P", 0)
            bits = 8 * size if isinstance(size, int) else 0
            pyconfig = read_pyconfig(build_python.include, multiarch=build_python.multiarch, bits=bits)
        except HostError as error:
            raise BuildPythonError(error.what, why=error.why, fix=error.fix) from None
        return cls(include=build_python.include, pyconfig=pyconfig, variables=variables)


def check_lender(host: PartialHost, build_python: BuildPython) -> None:
    """Raise BuildPythonError if ``build_python`` is of another version than ``host``, or has no headers."""
    wanted = "{}.{}".format(*host.python_version) + host.abi_flags
    if not build_python.fits(host.python_version, host.abi_flags):
        own = build_python.full_version
        raise BuildPythonError(f"{build_python.executable} is Python {own}, but the host is to be Python {wanted}.")
    if not build_python.has_headers:
        # Distributions package those without flags only.
        install = f"Install them (Debian and Ubuntu: apt install libpython{wanted}-dev; Fedora: python3-devel), or name"
        name = "Name" if host.abi_flags else install
        raise BuildPythonError(
            f"{build_python.executable} has no headers: there is no Python.h in {build_python.include}.",
            why=f"The host {host.name} brings none of its own, so they have to come from a Python {wanted} here.",
            fix=f"{name} a Python that has them with --build-python (`uv python install {wanted}` makes one).",
        )
