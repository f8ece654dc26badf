"""Projects built for a host in one of the ways of ``tests/reports.py``, and looked at on that host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.commands import BuiltWheels
from tests.testbed.hosts import run_on_host

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot
    from tests.testbed.rust import Rust


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Builds for a host with one kind of compiler."""

    crossbuild: Crossbuild
    host: HostRoot
    release: str
    """The release that the host is one of: ``debian:bookworm:arm64``."""
    compilers: Path | None
    """The directory of GNU's; zig compiles without."""

    def __call__(
        self,
        *arguments: Path | str,
        into: Path,
        release: str = "",
        environ: Mapping[str, str] | None = None,
        within: Sequence[str] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run ``crossbuild wheel`` with ``arguments``, for ``release`` instead of the host if that is given.

        ``within`` is the beginning of a command that runs it somewhere else.
        """
        words = [*arguments, "--toolchain", "gnu" if self.compilers else "zig", "-w", into]
        if release:
            words += self.crossbuild.build_python_for(self.host.version)
        host = release or self.host
        return self.crossbuild("wheel", *words, host=host, compilers=self.compilers, environ=environ, within=within)

    def wheel(self, *arguments: Path | str, into: Path) -> Path:
        """Return the wheel of the one project that ``arguments`` name, without what it requires."""
        done = self(*arguments, "--no-deps", into=into)
        assert done.returncode == 0, done.stderr
        (wheel,) = into.glob("*.whl")
        return wheel

    def with_rust(self, rust: Rust) -> Builder:
        """Return the same where ``rust`` is on PATH."""
        return replace(self, crossbuild=replace(self.crossbuild, programs=(rust.programs, *self.crossbuild.programs)))

    def on(self, host: HostRoot) -> Builder:
        """Return the same for another host."""
        return replace(self, host=host)


def assert_on_host(host: HostRoot, check: str, wheel: Path, site: Path) -> None:
    """Assert that the code ``check`` succeeds on ``host`` with ``wheel``, which is unpacked in ``site``."""
    done = run_on_host(host, check, BuiltWheels.unpacked(wheel, site))
    assert done.returncode == 0, done.stderr
