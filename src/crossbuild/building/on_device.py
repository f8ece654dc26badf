"""A program that runs one of the host on a device, by ssh, as if it ran here.

The device gets a copy of the sources and of the temporary files of the build, in a directory of its own that is removed
afterwards. The files that the program writes come back. Paths of the build in its arguments and variables are made to
lead into the copy.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.system.ssh import NEVER_ASK, ssh_command
from crossbuild.toolchain.compilers import BUILD_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OF_THE_DEVICE = frozenset(("HOME", "LD_PRELOAD", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "USER"))
"""Variables that it has values of its own for."""
_MARK = ".sent"
# Files get the times of their unpacking, so that what is newer than the mark is what the program wrote.
_UNPACK = f"""
place=$(mktemp -d "${{TMPDIR:-/tmp}}/crossbuild-XXXXXXXX") || exit
if tar -C "$place" -xmof - && touch "$place/{_MARK}"; then echo "$place"; else rm -rf "$place"; exit 1; fi
"""
_CHANGED_WHILE_READ = 1
"""GNU tar's exit status then: programs of a build run side by side."""
_NOT_STARTED = 126
"""The exit status for a program that cannot be started, as of env(1)."""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The copy of a build on a device."""

    ssh: Sequence[str]
    build: BuildDirectory
    place: str
    """The device's directory that stands for the root of this machine's files."""

    @classmethod
    def send(cls, ssh: Sequence[str], build: BuildDirectory, program: Path) -> Copy:
        """Send the files of ``build``, and the ``program``. Raises HostError."""
        parts = [part for part in _parts(build) if part.exists()]
        outside = [] if any(program.is_relative_to(part) for part in parts) else [program]
        names = [str(file.relative_to("/")) for file in (*parts, *outside)]
        with subprocess.Popen(["tar", "-C", "/", "-cf", "-", *names], stdout=subprocess.PIPE) as pack:
            unpack = subprocess.run([*ssh, _UNPACK], stdin=pack.stdout, stdout=subprocess.PIPE, check=False, text=True)
        if unpack.returncode or pack.returncode > _CHANGED_WHILE_READ:
            raise HostError("its files cannot be sent")
        return cls(ssh=ssh, build=build, place=unpack.stdout.strip())

    def run(self, program: Path, words: Sequence[str], environ: Mapping[str, str]) -> int:
        """Run the ``program`` with ``words`` in the copy of this directory; return its exit status."""
        here = shlex.quote(f"{self.place}{Path.cwd()}")
        variables = [f"{name}={value}" for name, value in environ.items() if name not in _OF_THE_DEVICE]
        command = shlex.join(["env", *map(self._there, variables), f"{self.place}{program}", *map(self._there, words)])
        return subprocess.run([*self.ssh, f"mkdir -p {here} && cd {here} && exec {command}"], check=False).returncode

    def fetch(self) -> None:
        """Bring back what was written in the copy, and remove it. Raises HostError."""
        parts = shlex.join(str(part.relative_to("/")) for part in _parts(self.build))
        pack = f'new=$(find {parts} -newer {_MARK} -type f); [ -z "$new" ] || echo "$new" | tar -cf - -T -'
        place = shlex.quote(self.place)
        done = subprocess.run(
            [*self.ssh, f"cd {place} && {pack}; status=$?; rm -rf {place}; exit $status"],
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise HostError("what it wrote cannot be fetched")
        if done.stdout:
            with tarfile.open(fileobj=io.BytesIO(done.stdout)) as packed:
                _write_back(packed, self.build)

    def _there(self, word: str) -> str:
        here = str(self.build.path)
        return word.replace(here, self.place + here)


def _parts(build: BuildDirectory) -> tuple[Path, ...]:
    return build.sources, build.temporary


def _write_back(packed: tarfile.TarFile, build: BuildDirectory) -> None:
    """Write the files that are ``packed``; nothing that is elsewhere than in the parts of ``build``."""
    for member in packed:
        file, content = Path("/", member.name), packed.extractfile(member)
        directory = file.parent.resolve()
        if content is None or not any(directory.is_relative_to(part.resolve()) for part in _parts(build)):
            raise HostError(f"it wrote {file}, which is no file of the build")
        directory.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_bytes(content.read())
        file.chmod(member.mode & 0o755)


def main(destination: str, program: str, *words: str) -> int:
    """Run the ``program`` of the host with ``words`` at ``destination``, for the build that this is part of."""
    try:
        build, file = BuildDirectory(path=Path(os.environ[BUILD_VARIABLE])), Path(program).absolute()
        copy = Copy.send(ssh_command(destination, os.environ, NEVER_ASK), build, file)
        try:
            return copy.run(file, words, os.environ)
        finally:
            copy.fetch()
    except HostError as error:
        sys.stderr.write(f"{program} cannot run on {destination}: {error}\n")
        return _NOT_STARTED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
