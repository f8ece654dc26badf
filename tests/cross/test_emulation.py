"""The host's programs run in a build, and nowhere else: what is seen of that outside, and what a killed build leaves.

The emulator is this machine's Python, and the host is made of a few files, so nothing is compiled or fetched.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.emulation.emulator import Loader, Qemu
from crossbuild.emulation.namespace import in_namespace
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.system.filesystem import write_script
from tests.breadth import alone
from tests.cross.fake_compilers import write_fake_compilers
from tests.moments import Scene, run_moments
from tests.unit.host_samples import SamplePython
from tests.unit.wheel_samples import make_elf, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.cross, pytest.mark.needs("a private binfmt_misc")]

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import json, os, pathlib, shutil, subprocess, time

FORMATS = "/proc/sys/fs/binfmt_misc"

def build_wheel(directory, config_settings=None, metadata_directory=None):
    work()
    (wheel,) = pathlib.Path("done").iterdir()
    shutil.copy(wheel, directory)
    return wheel.name
"""
PROGRAM = """
import os, subprocess, sys
if sys.argv[1] == "sleep":
    subprocess.Popen(["sh", "-c", "sleep 600; true"])
    os.execvp("sleep", ["sleep", "600"])
print("emulated by {QEMU_CPU} in {QEMU_LD_PREFIX}:".format_map(os.environ), *sys.argv[1:])
"""
"""What this machine's Python takes for a program of its own, and the kernel for one of the host's."""
WAIT = """
def work():
    told = {
        "said": subprocess.run(["./program", "hello"], capture_output=True, text=True).stdout,
        "formats": sorted(os.listdir(FORMATS)),
        "who": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()],
        "owner": os.stat("program").st_uid,
        "mounts": pathlib.Path("/proc/self/mountinfo").read_text(),
    }
    pathlib.Path(TOLD + ".new").write_text(json.dumps(told))
    os.rename(TOLD + ".new", TOLD)
    while os.path.exists(TOLD):
        time.sleep(0.01)
"""
SLEEP = """
def work():
    subprocess.Popen(["./program", "sleep"])
    subprocess.Popen(["sh", "-c", "./program sleep; true"], start_new_session=True)
    time.sleep(0.4)
"""
FORMATS = Path("/proc/sys/fs/binfmt_misc")
PATIENCE = 60
"""Seconds for a build to begin."""


@pytest.fixture
def scene(tmp_path: Path) -> Callable[[str], Scene]:
    """A function that returns a build of a wheel in which the code ``work`` runs."""

    def make(work: str) -> Scene:
        host = SamplePython(root=tmp_path / "host", minor=sys.version_info[1]).install()
        libraries = tmp_path / "host/usr/lib/aarch64-linux-gnu"
        libraries.mkdir(parents=True)
        (libraries / "libc.so.6").write_bytes(make_elf("aarch64", soname="libc.so.6"))
        for name in ("project/done", "tmp", "cache", "bin"):
            (tmp_path / name).mkdir(parents=True)
        (tmp_path / "bin/qemu-aarch64").symlink_to(Path(sys.executable).resolve())
        write_program(tmp_path / "project/program")
        make_wheel(tmp_path / "project/done", {"slow.py": b""}, project="slow-1.0", tag="py3-none-any")
        (tmp_path / "project/backend.py").write_text(f"TOLD = {str(tmp_path / 'told')!r}\n{BACKEND}{work}")
        (tmp_path / "project/pyproject.toml").write_text(PROJECT)
        path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
        paths = {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        options = ["--no-deps", "--no-index", "--host", str(host.executable), "--emulate", "programs"]
        options += ["--toolchain", write_fake_compilers(tmp_path / "toolchain")]
        return Scene(
            arguments=["wheel", "./project", *options, "-w", "made"],
            environ={**paths, "TMPDIR": str(tmp_path / "tmp"), "CROSSBUILD_CACHE_DIR": str(tmp_path / "cache")},
            cwd=str(tmp_path),
            fresh=str(tmp_path / "made"),
            places=[str(tmp_path / "cache"), str(tmp_path / "project")],
        )

    return make


def write_program(file: Path) -> None:
    """Write an ELF file, which a zip file with Python code may well begin with."""
    file.write_bytes(make_elf("aarch64", interpreter="/lib/ld-linux-aarch64.so.1", program=True))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("__main__.py", PROGRAM)
    file.chmod(0o755)


def seen_here() -> tuple[str, list[str]]:
    """Return the mounts of this process, and what binfmt_misc has here."""
    return Path("/proc/self/mountinfo").read_text(), sorted(path.name for path in FORMATS.iterdir())


def start(scene: Scene, told: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start the build of ``scene``, and return it with what its backend has told when it waits."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crossbuild", *scene.arguments],
        env=scene.environ,
        cwd=scene.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + PATIENCE
    while not told.exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            pytest.fail(process.communicate()[0])
        time.sleep(0.01)
    return process, json.loads(told.read_text())


def processes_with(name: str) -> list[str]:
    """Return the processes to which something called ``name`` is mounted: without any, the kernel lets go of it."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if name in (process / "mountinfo").read_text():
                left.append((process / "cmdline").read_text())
        except OSError:
            continue  # it has ended
    return left


def test_only_the_build_sees_the_emulator(scene: Callable[[str], Scene], tmp_path: Path) -> None:
    before = seen_here()
    process, told = start(scene(WAIT), tmp_path / "told")
    during = seen_here()
    with pytest.raises(OSError, match=os.strerror(errno.ENOEXEC)):
        subprocess.run([tmp_path / "project/program", "hello"], check=False)
    (tmp_path / "told").unlink()
    said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0, said
    assert told["said"] == f"emulated by cortex-a53 in {tmp_path / 'host'}: hello\n"
    assert "crossbuild" in told["formats"]
    assert " binfmt_misc " in told["mounts"]
    assert before == during == seen_here()
    assert "crossbuild" not in before[1]


def test_a_build_sees_the_users_that_it_would_see_without(scene: Callable[[str], Scene], tmp_path: Path) -> None:
    process, told = start(scene(WAIT), tmp_path / "told")
    (tmp_path / "told").unlink()
    said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0, said
    assert told["who"] == [os.getuid(), os.geteuid(), os.getgid(), os.getegid()]
    assert told["owner"] == os.getuid()


SOMEBODY = {
    "root": ("--map-root-user",),
    "a user": ("--map-user=1234", "--map-group=1234"),
}


@pytest.mark.parametrize("who", SOMEBODY)
def test_whoever_builds_stays_who_it_is(who: str, tmp_path: Path) -> None:
    """Root of one user only, as in many containers, and a user without any rights."""
    qemu = tmp_path / "qemu"
    qemu.symlink_to(Path(sys.executable).resolve())
    write_program(tmp_path / "program")
    emulator = Qemu(program=qemu, source="", architecture=ARCHITECTURES["aarch64"], root=tmp_path)
    code = f"id -u; id -g; touch it && chown $(id -u):$(id -g) it && stat -c %u:%g it; ls {FORMATS}; ./program hello"
    done = [
        subprocess.run(
            ["unshare", "--user", *SOMEBODY[who], *before, "/bin/sh", "-c", code],
            cwd=tmp_path,
            env={**os.environ, **emulator.variables},
            capture_output=True,
            text=True,
            check=False,
        )
        for before in ((), in_namespace(emulator))
    ]
    outside, inside = ([line for line in one.stdout.splitlines() if line != "register"] for one in done)
    assert inside[:3] == outside[:3], done
    assert inside[:3] == (["0", "0", "0:0"] if who == "root" else ["1234", "1234", "1234:1234"])
    assert "crossbuild" not in outside
    assert "crossbuild" in inside
    assert done[0].returncode == 126
    assert (done[1].returncode, inside[-1]) == (0, f"emulated by cortex-a53 in {tmp_path}: hello"), done[1].stderr


def test_an_emulator_may_be_a_script(tmp_path: Path) -> None:
    """As the wrappers of some distributions are, and what runs programs on a device."""
    qemu = write_script(tmp_path / "qemu", f'exec {sys.executable} "$@"\n')
    write_program(tmp_path / "program")
    emulator = Qemu(program=qemu, source="", architecture=ARCHITECTURES["aarch64"], root=tmp_path)
    command = [*in_namespace(emulator), str(tmp_path / "program"), "hello"]
    environ = {**os.environ, **emulator.variables}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.stdout == f"emulated by cortex-a53 in {tmp_path}: hello\n", done.stderr


def test_a_missing_loader_is_seen_in_the_build_alone(tmp_path: Path) -> None:
    """What this machine has beside it stays there."""
    (tmp_path / "loader").write_text("of the root")
    beside = sorted(path.name for path in Path("/lib").iterdir())
    new = "ld-of-the-root.so.1"
    loader = Loader(
        program=tmp_path / "loader", libraries=(), missing={f"/lib/{new}": tmp_path / "loader"}, is_32_bit=False
    )
    script = f"cat /lib/{new} && echo && ls -A /lib && ls /proc/sys/fs | wc -l && id -u"
    done = subprocess.run([*in_namespace(loader), "/bin/sh", "-c", script], capture_output=True, text=True, check=False)
    first, *names, formats, user = done.stdout.splitlines()
    assert (first, sorted(names)) == ("of the root", sorted([*beside, new])), done.stderr
    assert (int(formats) > 1, user) == (True, str(os.getuid()))
    assert not Path("/lib", new).exists()


def test_a_killed_build_leaves_no_mount(scene: Callable[[str], Scene], tmp_path: Path) -> None:
    process, told = start(scene(WAIT), tmp_path / "told")
    (private,) = (line for line in told["mounts"].splitlines() if " - binfmt_misc " in line)
    device = f" {private.split()[2]} "
    assert processes_with(device), "the build has it"
    process.kill()
    process.communicate()
    until = time.monotonic() + PATIENCE
    while left := processes_with(device):
        assert time.monotonic() < until, left
        time.sleep(0.01)


SEEDS = [str(seed) for seed in range(1, 4)]


@pytest.mark.parametrize("seed", alone(SEEDS, quick=SEEDS[:1]))
def test_no_emulated_program_is_left(scene: Callable[[str], Scene], seed: str) -> None:
    run_moments(scene(SLEEP), seed=seed, count=4 if seed in SEEDS[:1] else 14)
