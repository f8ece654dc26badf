"""Lock files of sysroots, without a sysroot being made."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from crossbuild.sysroot.apt_sources import MACHINE_SOURCES
from crossbuild.sysroot.lock import write_lock
from crossbuild.sysroot.model import Sysroot
from crossbuild.sysroot.names import SysrootName
from tests.unit.test_filesystem import at_once

if TYPE_CHECKING:
    from pathlib import Path


def test_a_lock_goes_to_the_program_that_reads_a_pipe(tmp_path: Path) -> None:
    sysroot = Sysroot(
        directory=tmp_path,
        name=SysrootName.from_text("debian:bookworm:arm64"),
        request=MACHINE_SOURCES,
        requested=("zlib1g-dev",),
        packages=(),
        locked_at="20240601T000000Z",
    )
    os.mkfifo(tmp_path / "lock")
    with open(tmp_path / "lock", "rb", opener=at_once) as reader:
        write_lock(tmp_path / "lock", sysroot)
        assert json.loads(reader.read())["requested"] == ["zlib1g-dev"]
