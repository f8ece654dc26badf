"""A machine on which sysroots are made: with an archive in reach, and nothing of the real machine's apt settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crossbuild.__main__ import main
from crossbuild.reporting import SilentReporter
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.store import SysrootStore
from crossbuild.system.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from crossbuild.reporting import Reporter
    from tests.archive_server import ArchiveServer
    from tests.repository import Repository

NOBLE = "ubuntu:noble:arm64"
MANIFEST = ".crossbuild-sysroot.json"

# apt reads the file that APT_CONFIG names before it looks for others, so that this one can tell it where they are.
_MACHINE = """\
Dir::Etc::main "{home}/none";
Dir::Etc::parts "{home}/apt.conf.d";
Dir::Etc::sourcelist "{home}/sources.list";
Dir::Etc::sourceparts "{home}/none";
Acquire::Retries::Delay "false";
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def hint(self) -> str:
        return self.err.rpartition("\nhint: ")[2]


@dataclass(frozen=True, kw_only=True)
class Machine:
    home: Path
    repository: Repository
    server: ArchiveServer
    capsys: pytest.CaptureFixture[str]
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def sources(self) -> list[str]:
        """The options that name the archive."""
        return ["--mirror", self.server.url, "--keyring", str(self.repository.keyring)]

    @property
    def environ(self) -> dict[str, str]:
        """What a command gets as its environment."""
        paths = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        own = {"HOME": self.home, "CROSSBUILD_CACHE_DIR": self.cache, "APT_CONFIG": self.home / "apt.conf"}
        return {**paths, **{name: str(value) for name, value in own.items()}, "LC_ALL": "C.UTF-8", **self.variables}

    def set_up(self) -> None:
        """Make its files."""
        (self.home / "apt.conf.d").mkdir(parents=True)
        (self.home / "apt.conf").write_text(_MACHINE.format(home=self.home))

    def configure_apt(self, text: str) -> None:
        """Put ``text`` where administrators put it."""
        (self.home / "apt.conf.d/99local").write_text(text)

    def run(self, *arguments: str | Path) -> Ended:
        """Run ``crossbuild sysroot`` in this process, with the environment that :func:`entered` has set."""
        code = main(["sysroot", *map(str, arguments)])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

    def create(self, *arguments: str | Path, name: str = NOBLE) -> Ended:
        """Run ``crossbuild sysroot create`` for an archive's release."""
        return self.run("create", name, *arguments, *self.sources)

    def made(self, *arguments: str | Path, name: str = NOBLE) -> Path:
        """Create a sysroot, which must succeed, and return where it is."""
        ended = self.create("--json", *arguments, name=name)
        assert ended.code == 0, ended.err
        (facts,) = ended.json["sysroots"]
        directory = facts["directory"]
        assert isinstance(directory, str)
        return self.home.__class__(directory)

    def added(self, *packages: str) -> Path:
        """Add ``packages`` to the shared sysroot, which must succeed, and return where it is then."""
        ended = self.run("add", NOBLE, *packages, *self.sources, "--json")
        assert ended.code == 0, ended.err
        return self.home.__class__(ended.json["sysroots"][0]["directory"])

    def listed(self) -> list[dict[str, object]]:
        """Return what ``crossbuild sysroot list`` has to say."""
        found: list[dict[str, object]] = self.run("list", "--json").json["sysroots"]
        return found

    def provided(self, *packages: str, own_sources: bool = False, reporter: Reporter | None = None) -> Path:
        """Return the sysroot that builds get: for ``--host`` with ``--sysroot-package``, the sources named or not."""
        request = SourceRequest(mirror=self.server.url, keyring=self.repository.keyring)
        sysroots = SysrootStore(
            cache=Cache(root=self.cache), reporter=reporter or SilentReporter(), environ=self.environ
        )
        name = SysrootName.from_text(NOBLE)
        found = sysroots.provide(name, packages, request=SourceRequest() if own_sources else request)
        return found.directory

    def start(
        self, *arguments: str | Path, user: int | None = None, python: str = sys.executable
    ) -> subprocess.Popen[str]:
        """Start ``crossbuild sysroot`` as a process of ``user``, at the head of a process group of its own."""
        return subprocess.Popen(
            [python, "-m", "crossbuild", "sysroot", *map(str, arguments)],
            cwd=self.home,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            user=user,
            process_group=0,
        )

    def entries(self) -> list[Path]:
        """Return what in the cache would pass for a sysroot."""
        return sorted(manifest.parent for manifest in (self.cache / "sysroot").glob(f"[!.]*/{MANIFEST}"))


def tree(root: Path) -> dict[str, str | bytes | None]:
    """Return what is in ``root``, by relative paths: where links lead, contents, None for directories."""
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in root.rglob("*")
    }
