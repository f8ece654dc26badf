"""The backend of projects that wrap their own: that one's wheels, or cross-built ones where a host is configured.

::

    [build-system]
    requires = ["crossbuild", "setuptools"]
    build-backend = "crossbuild.backend_shim"

    [tool.crossbuild]
    build-backend = "setuptools.build_meta"

The hooks are those of PEP 517 and PEP 660, as far as the project's own backend has them. Passing through to it costs
the import of this file; a cross build is ``crossbuild wheel``, in a process of its own.

Frontends call the hooks here; ``building`` calls :func:`own_backend` to build the project without this detour.

The files beside this one are the code inside the cross Python: standard library only, for every Python from 3.8 on.
``interpreter`` copies them into the shadow prefix as text, with the facts of the host, and ``start.py`` is the first of
them to run. What they notice goes into a file of the build's record, which ``advice`` reads. Nothing else imports them,
but for the names of the variables by which ``building`` and ``environments`` tell them something.
"""

from __future__ import annotations

import os
import sys
from functools import reduce
from importlib import import_module
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    Setting = str | list[str]
    Settings = Mapping[str, Setting] | None
    Hook = Callable[..., Any]

NAME = "crossbuild.backend_shim"
_OURS = "crossbuild-"
"""How the config settings begin that are options of ``crossbuild wheel``."""
_BUILT = "crossbuild-built"
"""The directory, beside the metadata, with the wheel that they are from."""


def __getattr__(name: str) -> Hook:
    """Return a hook; AttributeError, as frontends expect it, where the project's own backend has none of that name."""
    shape = _SHAPES.get(name)
    if shape is None:
        raise AttributeError(f"module {NAME!r} has no attribute {name!r}")
    return shape(getattr(_own_backend(), name), name.rpartition("_")[2])


def _requiring(hook: Hook, product: str) -> Hook:
    def get_requires(config_settings: Settings = None) -> Any:
        options, settings = _separate(product, config_settings)
        return [] if options else hook(settings)  # a cross build installs by itself what it wants

    return get_requires


def _preparing(hook: Hook, product: str) -> Hook:
    def prepare_metadata(metadata_directory: str, config_settings: Settings = None) -> Any:
        options, settings = _separate(product, config_settings)
        return _cross_metadata(metadata_directory, options) if options else hook(metadata_directory, settings)

    return prepare_metadata


def _building(hook: Hook, product: str) -> Hook:
    def build(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> Any:
        options, settings = _separate(product, config_settings)
        if options:
            return _wheel_of(metadata_directory, wheel_directory) or _cross_wheel(wheel_directory, options)
        return hook(wheel_directory, settings, metadata_directory)

    return build


def _archiving(hook: Hook, product: str) -> Hook:
    def build_sdist(sdist_directory: str, config_settings: Settings = None) -> Any:
        return hook(sdist_directory, _separate(product, config_settings)[1])

    return build_sdist


_SHAPES = {
    "build_wheel": _building,
    "build_sdist": _archiving,
    "build_editable": _building,
    "get_requires_for_build_wheel": _requiring,
    "get_requires_for_build_sdist": _requiring,
    "get_requires_for_build_editable": _requiring,
    "prepare_metadata_for_build_wheel": _preparing,
    "prepare_metadata_for_build_editable": _preparing,
}


# -- the project's own backend ----------------------------------------------------------------------------------------


def own_backend(pyproject: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return ``build-backend`` and ``backend-path`` of ``[tool.crossbuild]``. Raises ValueError if they are no good."""
    tool = pyproject.get("tool")
    table = tool.get("crossbuild") if isinstance(tool, dict) else None
    table = table if isinstance(table, dict) else {}
    backend, path = table.get("build-backend"), table.get("backend-path", [])
    if not isinstance(backend, str) or not backend:
        raise ValueError(f"[tool.crossbuild] does not say which build-backend it is that {NAME} wraps.")
    if backend.partition(":")[0] == NAME:
        raise ValueError(f"[tool.crossbuild] says that {NAME} wraps itself.")
    if not isinstance(path, list) or not all(isinstance(one, str) for one in path):
        raise ValueError(f"backend-path of [tool.crossbuild] is not a list of directories: {path!r}.")
    return backend, path


def _own_backend() -> Any:
    import tomllib

    try:
        backend, path = own_backend(tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8")))
    except ValueError as error:
        _fail(str(error), EXAMPLE, status=6)
    sys.path[:0] = [place for one in path if (place := str(Path(one).resolve())) not in sys.path]
    module, _, attributes = backend.partition(":")
    try:
        return reduce(getattr, filter(None, attributes.split(".")), import_module(module))
    except (ImportError, AttributeError) as error:  # the latter would be taken for a hook that is not there
        _fail(f"The build backend {backend} of [tool.crossbuild] cannot be imported: {error}.", _MISSING, status=7)


# -- which of the two is wanted ---------------------------------------------------------------------------------------


def _separate(product: str, config_settings: Settings) -> tuple[list[str], Settings]:
    """Return the options of a cross build, none if ``product`` is built natively, and the own backend's settings."""
    theirs = dict(config_settings or {})
    ours = {name.removeprefix(_OURS): theirs.pop(name) for name in list(theirs) if name.startswith(_OURS)}
    settings = theirs if config_settings is not None else None
    host = ours.pop("host", os.environ.get("CROSSBUILD_HOST", ""))
    if product == "sdist" or hasattr(sys, "cross_compiling"):  # a cross Python builds for its host whatever it builds
        return [], settings
    if not host and ours:
        _fail(f"{_OURS}{min(ours)} is set, but no host.", f"Set {_OURS}host or CROSSBUILD_HOST, too.", status=2)
    if host and product == "editable":
        _fail(f"No project can be installed editable for another machine, {host}.", _EDITABLE, status=2)
    if not host:
        return [], settings
    options = [f"--config-setting={name}={one}" for name, value in theirs.items() for one in _each(value)]
    for name, value in {"host": host, **ours}.items():
        options += [f"--{name}" if one == "true" else f"--{name}={one}" for one in _each(value)]
    return options, settings


def _each(value: Setting) -> list[str]:
    return [value] if isinstance(value, str) else value


EXAMPLE = 'It looks like build-backend = "setuptools.build_meta", and if it is in the project, backend-path = ["."].'
_MISSING = "Add what has it to requires of [build-system], or install it if you build without isolation."
_EDITABLE = "This machine's Python would import it. Unset CROSSBUILD_HOST and crossbuild-host, or build a wheel."


def _fail(what: str, fix: str, *, status: int) -> NoReturn:
    """End the hook's process: frontends would show an exception as that of a broken backend."""
    sys.stderr.write(f"error: {what}\nhint: {fix}\n")
    sys.exit(status)


# -- the cross build --------------------------------------------------------------------------------------------------


def _cross_wheel(wheel_directory: str, options: list[str]) -> str:
    """Build the wheel and return its name. What goes wrong is told by the command, and ends the hook's process."""
    import json
    import subprocess

    command = [sys.executable, "-P", "-m", "crossbuild", "wheel", ".", *options]
    command += ["--no-deps", "--json", "--wheel-dir", wheel_directory]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return Path(json.loads(done.stdout)["wheels"][0]["path"]).name


def _cross_metadata(metadata_directory: str, options: list[str]) -> str:
    """Build the wheel, since only that can tell, extract its metadata, and keep it for :func:`_wheel_of`."""
    import zipfile

    built = Path(metadata_directory, _BUILT)
    with zipfile.ZipFile(built / _cross_wheel(str(built), options)) as archive:
        names = [name for name in archive.namelist() if name.partition("/")[0].endswith(".dist-info")]
        archive.extractall(metadata_directory, names)
    return names[0].partition("/")[0]


def _wheel_of(metadata_directory: str | None, wheel_directory: str) -> str:
    """Copy the wheel that ``metadata_directory`` is from, if there is one, and return its name."""
    import shutil

    # Frontends give build_wheel the .dist-info directory in the one that the metadata hook has filled (PEP 517).
    for wheel in Path(metadata_directory).parent.glob(f"{_BUILT}/*.whl") if metadata_directory else ():
        return Path(shutil.copy(wheel, wheel_directory)).name
    return ""
