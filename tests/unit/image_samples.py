"""Distributions and roots for the tests of crossbuild.image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from crossbuild.image.install import install, uninstall
from crossbuild.image.wheel_layout import Layout
from crossbuild.reporting import SilentReporter
from crossbuild.system.processes import Runner
from crossbuild.wheels.distribution import Distribution, Origin
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crossbuild.host.model import Host
    from crossbuild.image.installed import Installed
    from crossbuild.reporting import Reporter

HOST = make_host()
"""One whose Python is nobody's in particular: ``posix_prefix`` below ``/usr``."""
SITE = "usr/lib/python3.11/site-packages"


def make_distribution(
    directory: Path,
    files: Mapping[str, bytes],
    *,
    project: str = "probe-1.0",
    tag: str = "py3-none-any",
    requires: Sequence[str] = (),
) -> Distribution:
    name, _, version = project.partition("-")
    place = directory / f"wheels-{project}"
    place.mkdir(exist_ok=True)
    wheel = make_wheel(place, files, project=project, tag=tag, requires=requires)
    origin = Origin(
        url=f"https://index.example/{wheel.name}",
        filename=wheel.name,
        hashes={"sha256": "00" * 32},
        index="https://index.example/simple",
    )
    return Distribution(name=name, version=Version(version), wheel=wheel, origin=origin)


def put(
    *distributions: Distribution,
    into: Path | Layout,
    host: Host = HOST,
    compile_with: Path | None = None,
    strip: Path | None = None,
    reporter: Reporter | None = None,
) -> list[Installed]:
    layout = Layout.from_host(host, into) if isinstance(into, Path) else into
    beside = layout.root.parent
    return install(
        distributions,
        layout,
        host=host,
        runner=Runner(log=beside / "log", reporter=reporter or SilentReporter()),
        environ={},
        locks=beside / "locks",
        compile_with=compile_with,
        strip=strip,
    )


def take(*names: str, out_of: Path) -> list[Installed]:
    return uninstall(names, Layout.from_host(HOST, out_of), locks=out_of.parent / "locks")


def tree(root: Path) -> dict[str, bytes | str]:
    """Return every file of ``root`` with its content, links and directories too."""
    found: dict[str, bytes | str] = {}
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = str(path.readlink())
        else:
            found[name] = f"directory {path.stat().st_mode:o}" if path.is_dir() else path.read_bytes()
    return found


def files_of(root: Path) -> set[str]:
    return {name for name, content in tree(root).items() if isinstance(content, bytes)}
