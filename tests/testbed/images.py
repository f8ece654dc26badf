"""Images of devices: copies of host roots that things are installed into, and programs run in them as on the device."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tests.testbed.debian import machine_architecture, unpack_closure
from tests.testbed.machines import MACHINES
from tests.testbed.tools import TOOLS_SUITE, relocate_programs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

_TEMPORARY = str(PurePosixPath("/", "tmp"))
_ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": _TEMPORARY, "LC_ALL": "C.UTF-8"}
_OLDER_KERNEL = Path(__file__).with_name("older_kernel.py")


@dataclass(frozen=True, kw_only=True)
class Image:
    """What becomes a device's root file system."""

    root: Path
    host: HostRoot
    """What it was copied from."""
    proot: Path

    def tree(self) -> dict[str, tuple[int, str]]:
        """Return what is in it: for each path below the root the mode, and the content's hash or the link's end."""
        found = (Path(place, name) for place, *names in os.walk(self.root) for name in names[0] + names[1])
        return {str(path.relative_to(self.root)): _facts(path) for path in found}


def proot(bed: Bed) -> Path:
    """Return PRoot, which needs no rights to make a directory the root of what it runs."""
    if found := bed.which("proot"):
        return found

    def make(scratch: Path) -> None:
        architecture = machine_architecture(bed)
        unpack_closure(bed, TOOLS_SUITE, architecture, ["proot"], into=scratch, without={"libc6"})
        relocate_programs(bed, scratch)

    return bed.cache.entry("proot", TOOLS_SUITE, make) / "usr/bin/proot"


def image_of(bed: Bed, host: HostRoot, root: Path) -> Image:
    """Copy the root of ``host`` to the new directory ``root``."""
    root.mkdir(parents=True)
    bed.run(["cp", "-a", "--reflink=auto", f"{host.root}/.", root])
    return Image(root=root, host=host, proot=proot(bed))


def run_in(
    image: Image,
    *command: str,
    environ: Mapping[str, str] | None = None,
    binds: Mapping[Path, str] | None = None,
    write_bytecode: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` as on the device: a script is started by what its first line names, a program of the image.

    ``binds`` are directories of this machine, and what they are called on the device, which has a ``/tmp`` of its own
    each time. Nothing is written to the image unless the command does that; bytecode is not, unless told.
    """
    variables = {**_ENVIRON, **({} if write_bytecode else {"PYTHONDONTWRITEBYTECODE": "1"}), **(environ or {})}
    with tempfile.TemporaryDirectory(prefix="device-") as temporary:
        bound = {Path("/proc"): "/proc", Path("/dev"): "/dev", Path(temporary): _TEMPORARY, **(binds or {})}
        options = [f"--qemu={image.host.emulator}", f"--rootfs={image.root}", "--cwd=/"]
        options += [f"--bind={place}:{name}" for place, name in bound.items()]
        return subprocess.run(
            [sys.executable, _OLDER_KERNEL, image.proot, *options, *command],
            env={**variables, **_qemu_variables(image.host)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def _qemu_variables(host: HostRoot) -> dict[str, str]:
    """Return what qemu's options are as variables: what PRoot starts qemu with are words without options."""
    options = MACHINES[host.architecture].qemu_options
    return {
        f"QEMU_{name.removeprefix('-').upper()}": value for name, value in zip(options[::2], options[1::2], strict=True)
    }


def _facts(path: Path) -> tuple[int, str]:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return mode, str(path.readlink())
    return mode, "" if stat.S_ISDIR(mode) else hashlib.sha256(path.read_bytes()).hexdigest()
