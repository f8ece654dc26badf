"""Bytecode for the modules of an image, made by a build Python of the host's minor version.

It is checked by its source's hash rather than its time (PEP 552): whoever makes an image sets times as he likes.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import InstallError
from crossbuild.image.places import EscapeError, Places
from crossbuild.image.staged import StagedFile
from crossbuild.system.processes import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.image.staged import Staged
    from crossbuild.image.wheel_layout import Layout
    from crossbuild.system.processes import Runner

_OTHER_MAGIC = 3
_COMPILE = f"""
import importlib.util, json, py_compile, sys
with open(sys.argv[1], encoding='utf-8') as stream:
    task = json.load(stream)
if list(sys.version_info[:2]) != task['version'] or task['magic'] not in ('', importlib.util.MAGIC_NUMBER.hex()):
    sys.exit({_OTHER_MAGIC})
for source, name, target in task['files']:
    try:
        py_compile.compile(source, cfile=target, dfile=name, doraise=True,
                           invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    except Exception as error:
        print(name, type(error).__name__, sep=': ')
"""


def compile_all(
    staged: Sequence[Staged],
    layout: Layout,
    directory: Path,
    *,
    host: Host,
    python: Path,
    runner: Runner,
    environ: Mapping[str, str],
) -> list[Staged]:
    """Return ``staged`` with the bytecode of its modules, in the empty ``directory``; ``python`` makes it.

    What has syntax errors is left out, as pip does it. Raises InstallError where ``python`` is of another version than
    the host's Python, or makes other bytecode than the root's standard library has.
    """
    directory.mkdir()
    found: list[list[tuple[StagedFile, StagedFile]]] = []
    count = 0
    for one in staged:
        found.append([(file, _bytecode(file, directory / str(count + at), host)) for at, file in _modules(one)])
        count += len(one.files)
    task = {
        "version": host.python_version[:2],
        "magic": _magic(layout, host).hex(),
        "files": [
            (str(module.source), str(module.path), str(bytecode.source))
            for pairs in found
            for module, bytecode in pairs
        ],
    }
    tasks = directory / "tasks.json"
    tasks.write_text(json.dumps(task), encoding="utf-8")
    _run(python, tasks, host, runner, environ)
    tasks.unlink()
    return [one.with_files(_made(pairs)) for one, pairs in zip(staged, found, strict=True)]


def _run(python: Path, tasks: Path, host: Host, runner: Runner, environ: Mapping[str, str]) -> None:
    # A file of warnings about strange escapes in other people's modules would help nobody.
    command = [str(python), "-I", "-X", "utf8", "-W", "ignore", "-c", _COMPILE, str(tasks)]
    try:
        runner.run(command, environ=environ)
    except CommandFailedError as error:
        why = str(error)
        if error.status == _OTHER_MAGIC:
            why = f"Its bytecode is not that of the host's Python {host.version}."
        raise InstallError(
            f"{python} cannot compile modules for the host.",
            why=why,
            fix=f"Give a build Python {host.version} that is released as the host's is, or do not compile.",
        ) from None


def _modules(one: Staged) -> Iterator[tuple[int, StagedFile]]:
    return ((at, file) for at, file in enumerate(one.files) if file.path.suffix == ".py")


def _bytecode(module: StagedFile, source: Path, host: Host) -> StagedFile:
    # The cache tag of every CPython (Python/import.c), free-threaded or not.
    tag = "cpython-{}{}".format(*host.python_version)
    path = module.path.parent / "__pycache__" / f"{module.path.stem}.{tag}.pyc"
    return StagedFile(path=path, source=source, verified=False)


def _made(pairs: Sequence[tuple[StagedFile, StagedFile]]) -> Iterator[StagedFile]:
    for _, bytecode in pairs:
        if bytecode.source.is_file():
            bytecode.source.chmod(0o644)
            yield bytecode


def _magic(layout: Layout, host: Host) -> bytes:
    """Return how the bytecode of the standard library in the root begins; nothing where there is none."""
    library = PurePosixPath(str(host.build_time_vars.get("LIBDEST") or f"/usr/lib/python{host.version}"))
    places = Places(root=layout.root)
    # Where only bytecode is kept, it lies in the place of its source, or it would not be imported (PEP 3147).
    for name in ("__pycache__/os.cpython-{}{}.pyc".format(*host.python_version), "os.pyc"):
        try:
            return places.content(library / name).read_bytes()[:4]
        except (EscapeError, OSError):
            continue
    return b""
