"""Wheels that unpack to gigabytes are read in little memory."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.unit.wheel_samples import SUFFIX, make_elf, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

NAME = f"probe/fast{SUFFIX}"
SIZE = 1 << 28
MOST = 150 << 20
"""Bytes of memory."""
READ = """
import sys
from pathlib import Path
from crossbuild.errors import AuditError
from crossbuild.wheels.wheel_contents import read_wheel
try:
    contents = read_wheel(Path(sys.argv[1]))
    print(len(contents.elf_files), *contents.problems)
except AuditError as error:
    print(error)
# Not what getrusage() says: that counts the process which started this one, too.
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024)
"""


def zeros_after(start: bytes, directory: Path) -> Path:
    """Return a wheel with a file that begins with ``start`` and goes on with zeros."""
    wheel = directory / "probe-1.0-cp311-cp311-linux_aarch64.whl"
    with zipfile.ZipFile(make_wheel(directory / "small", {}), "r") as small, zipfile.ZipFile(wheel, "w") as archive:
        for name in small.namelist():
            archive.writestr(name, small.read(name))
        info = zipfile.ZipInfo(NAME)
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w", force_zip64=True) as member:
            member.write(start)
            for _ in range(SIZE >> 20):
                member.write(bytes(1 << 20))
    return wheel


@pytest.mark.parametrize(
    "start", [make_elf(defines=["PyInit_fast"]), b"!<arch>\n", b"\x1f\x8b", b"text"], ids=["ELF", "ar", "gzip", "text"]
)
def test_much_of_nothing_needs_little_memory(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "small").mkdir()
    wheel = zeros_after(start, tmp_path)
    assert wheel.stat().st_size < 1 << 20
    done = subprocess.run([sys.executable, "-c", READ, wheel], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < MOST
