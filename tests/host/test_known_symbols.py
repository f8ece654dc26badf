"""What the check knows of symbols is so on real hosts: what it refuses fails there, and what works there passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import defined_versions, read_elf
from crossbuild.wheels.host_symbols import known_libc
from crossbuild.wheels.python_symbols import NAME, SymbolHistory
from tests.commands import BuiltWheels, copy_project
from tests.testbed.hosts import run_on_host

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

_PRIVATE_TO_GLIBC = frozenset(("GLIBC_PRIVATE",))


def public(names: Iterable[str]) -> frozenset[str]:
    """Return the names in Python's C API that do not change within a version."""
    return frozenset(name for name in names if NAME.fullmatch(name) and not name.startswith("_"))


@pytest.mark.parametrize(
    "name",
    [
        "debian_arm64",
        "musl_aarch64",
        *(pytest.param(name, marks=pytest.mark.matrix) for name in ("trixie_arm64", "forky_arm64")),
    ],
)
def test_what_a_python_exports_is_known(name: str, request: pytest.FixtureRequest) -> None:
    host: HostRoot = request.getfixturevalue(name)
    shared = host.root.glob("usr/lib/*/libpython3.*.so.1.0")
    file = next(shared, host.python.resolve())
    known = SymbolHistory.from_package().exported(host.version, "")
    assert known
    assert public(read_elf(file.name, file.read_bytes()).exported) == public(known)


def test_what_glibc_defines_is_known(debian_arm64: HostRoot) -> None:
    for name in ("libc.so.6", "libm.so.6"):
        file = next(debian_arm64.root.glob(f"usr/lib/*/{name}")).resolve()
        defined = {symbol for symbol, of in defined_versions(file.read_bytes()).items() if of != _PRIVATE_TO_GLIBC}
        assert defined
        assert defined <= known_libc("glibc")


def test_what_musl_defines_is_known(musl_aarch64: HostRoot) -> None:
    file = next(musl_aarch64.root.glob("lib/ld-musl-*.so.1")).resolve()
    defined = read_elf(file.name, file.read_bytes()).exported
    assert defined
    assert defined <= known_libc("musl")


def test_an_extension_that_is_refused_for_a_symbol_cannot_be_imported(
    debian_arm64: HostRoot, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    project = copy_project("left-out-source", tmp_path / "left-out-source")
    wheels = tmp_path / "wheels"
    done = crossbuild("wheel", project, "-w", wheels, host=debian_arm64)
    assert done.returncode == 8, done.stderr
    assert "uses answer_of_the_other_source, and neither the wheel nor the host defines it" in done.stderr
    done = crossbuild("wheel", project, "-w", wheels, "--no-check", "left-out-source", host=debian_arm64)
    assert done.returncode == 0, done.stderr
    (wheel,) = wheels.glob("*.whl")
    imported = run_on_host(debian_arm64, "import left_out", BuiltWheels.unpacked(wheel, tmp_path / "site"))
    assert "undefined symbol: answer_of_the_other_source" in imported.stderr
