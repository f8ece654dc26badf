"""What other tools built from an exported host, run on that host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.exports import MODULE, WAYS, Exports, install_tools
from tests.testbed.hosts import run_on_host

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

CHECK = f"""
import struct, sys, {MODULE}
facts = {MODULE}.facts()
assert facts["sizeof_pointer"] == facts["SIZEOF_VOID_P"] == struct.calcsize("P"), facts
assert facts["PY_VERSION"] == sys.version.split()[0], facts
"""


@pytest.mark.parametrize("toolchain", ["zig", "gnu"])
def test_what_is_built_runs(
    toolchain: str, crossbuild: Crossbuild, debian_armhf: HostRoot, gnu_armhf: Path, tmp_path: Path
) -> None:
    gnu = f"{gnu_armhf}/arm-linux-gnueabihf-"
    exports = Exports(
        crossbuild=crossbuild,
        host=debian_armhf,
        options=("--toolchain", gnu if toolchain == "gnu" else "zig", *crossbuild.build_python_for((3, 11))),
        tools=install_tools(tmp_path / "tools"),
        directory=tmp_path,
    )
    for way in WAYS:
        done = run_on_host(debian_armhf, CHECK, exports.build(way).parent)
        assert done.returncode == 0, (way, done.stderr)
