"""The tables of symbols agree with real Pythons and C libraries: otherwise the check refuses what works there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import defined_versions, read_elf
from crossbuild.wheels.host_symbols import known_libc
from crossbuild.wheels.python_symbols import NAME, SymbolHistory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.testbed.hosts import HostRoot

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
