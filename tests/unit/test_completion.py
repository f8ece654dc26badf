"""What bash, zsh and fish offer, asked as their scripts ask: by variables of the environment."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main
from crossbuild.cli.shells import SHELLS, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    Offer = Callable[..., list[str]]

RELEASE = "debian:bookworm:arm64"
LISTS = "Package: libdemo-dev\nVersion: 1\n\nPackage: libdemo1\nVersion: 1\n\nPackage: zlib1g-dev\nDepends: libdemo\n"


def asked(shell: str, line: str) -> dict[str, str]:
    """Return the variables by which a shell asks how ``line`` goes on."""
    # bash parts words at these characters, too.
    words = re.findall(r"[:=]+|[^\s:=]+", line) if shell == "bash" else line.split()
    words += [""] if line.endswith((" ", ":", "=")) else []
    current = words[-1] if shell == "fish" else str(len(words) - 1)
    joined = line if shell == "fish" else "\n".join(words)
    return {"COMP_WORDS": joined, "COMP_CWORD": current, "_CROSSBUILD_COMPLETE": f"{shell}_complete"}


def values(shell: str, printed: str) -> list[str]:
    """Return what is offered: values, and of what else there is the kind in brackets."""
    if shell == "zsh":
        lines = printed.strip("\n").splitlines()
        found = [(kind, value.replace("\\:", ":")) for kind, value in zip(lines[::3], lines[1::3], strict=True)]
    else:
        found = [(kind, value) for kind, _, value in (line.partition(",") for line in printed.split("\n") if line)]
    return [value.partition("\t")[0] if kind == "plain" else f"[{kind}]" for kind, value in found]


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Offer:
    """Return a function that asks what follows a line. The cache, PATH and the configuration are empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSBUILD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CROSSBUILD_HOST", raising=False)

    def offered(line: str, shell: str = "zsh") -> list[str]:
        with monkeypatch.context() as patch:
            for name, value in asked(shell, line).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main([])
        assert ended.value.code == 0
        printed = capfd.readouterr()
        assert not printed.err
        return values(shell, printed.out)

    return offered


@pytest.fixture
def sysroot(tmp_path: Path) -> str:
    """Have a sysroot in the cache, and the lists that it was made of."""
    entry = tmp_path / "cache/sysroot/by-name/debian-bookworm-arm64"
    entry.mkdir(parents=True)
    (entry.parent / "debian-sid-riscv64-from-0123abcd").mkdir()
    (entry.parent / "nonsense").mkdir()
    lists = tmp_path / "cache/apt/debian-bookworm-arm64-machine/lists"
    lists.mkdir(parents=True)
    (lists / "archive_dists_bookworm_main_binary-arm64_Packages").write_text(LISTS)
    return RELEASE


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return what stands for apt's program that shows its lists, compressed or not; it writes down its calls."""
    program = tmp_path / "helpers/apt-helper"
    program.parent.mkdir()
    log = tmp_path / "calls"
    program.write_text(f'#!/bin/sh\necho "$1" >> {log}\nshift\nexec {sys.executable} -c \'{_SHOW}\' "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr("crossbuild.sysroot.downloads._HELPER_PLACES", str(program.parent))
    return log


_SHOW = """
import gzip, pathlib, sys
for name in sys.argv[1:]:
    data = pathlib.Path(name).read_bytes()
    sys.stdout.buffer.write(gzip.decompress(data) if name.endswith(".gz") else data)
"""


# --- Commands and options ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_commands(offer: Offer, shell: str) -> None:
    assert {"wheel", "install", "sysroot", "completion"} <= set(offer("crossbuild ", shell))
    assert offer("crossbuild sysr", shell) == ["sysroot"]
    assert {"create", "list"} <= set(offer("crossbuild sysroot ", shell))
    assert "fetch-zig" not in offer("crossbuild ", shell)


@pytest.mark.parametrize("shell", SHELLS)
def test_options(offer: Offer, shell: str) -> None:
    assert offer("crossbuild wheel --sysroot-p", shell) == ["--sysroot-package"]
    assert "--host" not in offer("crossbuild wheel --host linux_aarch64 --ho", shell)


def test_an_unfinished_line_is_no_error(offer: Offer) -> None:
    """What a command would refuse may still be put right."""
    assert "--python" in offer("crossbuild wheel --host a --host b --wheel-dir  --py")
    assert "--python" in offer("crossbuild wheel -C nonsense -j x --snapshot y --py")


@pytest.mark.parametrize("line", ["wheel ", "install ./x", "run -- ./pro", "wheel -r ", "wheel --cc "])
def test_files(offer: Offer, line: str) -> None:
    assert offer(f"crossbuild {line}") == ["[file]"]


def test_directories(offer: Offer) -> None:
    assert offer("crossbuild wheel -w ") == offer("crossbuild wheel --sysroot ./r") == ["[dir]"]


# --- Hosts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_hosts(offer: Offer, sysroot: str, shell: str) -> None:
    Path("crossbuild.toml").write_text("[hosts.pi]\nhost = 'debian:trixie:armhf'\n")
    found = offer("crossbuild wheel --host ", shell)
    assert {"pi", sysroot, "debian:sid:riscv64", "debian:trixie:armhf", "ubuntu:noble:arm64"} <= set(found)
    assert {"manylinux_2_28_aarch64", "musllinux_1_2_armv7l", "linux_riscv64"} <= set(found)
    assert "manylinux_2_28_armv6l" not in found, "there is no such tag"
    assert len(found) == len(set(found))
    assert offer("crossbuild wheel --host p", shell) == ["pi"]


@pytest.mark.parametrize("command", ["host show", "host check", "host export", "doctor --host", "env --host"])
def test_hosts_of_other_commands(offer: Offer, command: str) -> None:
    assert offer(f"crossbuild {command} linux_aa") == ["linux_aarch64"]


def test_the_version_of_a_tag_is_as_typed(offer: Offer) -> None:
    assert offer("crossbuild wheel --host manylinux_2_17_x") == ["manylinux_2_17_x86_64"]
    assert offer("crossbuild wheel --host manylinux2014_s") == ["manylinux2014_s390x"]


def test_a_host_may_be_a_path(offer: Offer) -> None:
    assert offer("crossbuild wheel --host ./sys") == ["[file]"]


def test_bash_parts_words_at_colons(offer: Offer) -> None:
    """It replaces only what follows the last one."""
    assert offer("crossbuild wheel --host debian:bookworm:arm6", "bash") == ["arm64"]
    assert offer("crossbuild wheel --host debian:book", "bash")[:2] == ["bookworm:amd64", "bookworm:arm64"]
    assert "bookworm:arm64" in offer("crossbuild wheel --host debian:", "bash")


def test_values_may_follow_an_equals_sign(offer: Offer) -> None:
    """bash replaces what follows it; other shells the whole word."""
    assert offer("crossbuild wheel --host=linux_aa", "bash") == ["linux_aarch64"]
    assert offer("crossbuild wheel --host=debian:bookworm:arm6", "bash") == ["arm64"]
    for shell in ("zsh", "fish"):
        assert offer("crossbuild wheel --host=debian:bookworm:arm6", shell) == [f"--host={RELEASE}"]


def test_words_that_were_parted_are_whole_again() -> None:
    assert whole(["a", "--host", "=", "b", ":", "c", "-d"]) == ["a", "--host=b:c", "-d"]
    assert whole(["--host", "b", ":", ""]) == ["--host", "b:"]
    assert whole(["a", "", "b"]) == ["a", "", "b"]


def test_a_configuration_that_is_wrong(offer: Offer) -> None:
    Path("crossbuild.toml").write_text("[hosts\n")
    assert "linux_aarch64" in offer("crossbuild wheel --host ")


# --- Sysroots and their packages -----------------------------------------------------------------------------------


def test_sysroots(offer: Offer, sysroot: str) -> None:
    assert offer("crossbuild sysroot add ") == [sysroot, "debian:sid:riscv64"]
    assert offer("crossbuild sysroot create ubuntu:noble:s") == ["ubuntu:noble:s390x"]
    assert {sysroot, "debian:trixie:riscv64"} <= set(offer("crossbuild wheel --sysroot "))


@pytest.mark.parametrize(
    "words",
    [
        f"wheel --host {RELEASE} --sysroot-package",
        f"wheel --host linux_aarch64 --sysroot {RELEASE} --sysroot-package",
        "wheel --host manylinux_2_28_aarch64 --sysroot-package",
        "wheel --host board --sysroot-package",
        f"sysroot add {RELEASE}",
        f"sysroot create {RELEASE} zlib1g-dev",
    ],
)
def test_packages_of_a_sysroot(offer: Offer, sysroot: str, reader: Path, words: str) -> None:
    Path("crossbuild.toml").write_text(f"[hosts.board]\nhost = '{sysroot}'\n")
    assert offer(f"crossbuild {words} libd") == ["libdemo-dev", "libdemo1"]
    assert offer(f"crossbuild {words} ") == ["libdemo-dev", "libdemo1", "zlib1g-dev"]
    assert reader.read_text() == "cat-file\n", "the lists are read once"


def test_packages_of_lists_that_are_compressed_and_new(
    offer: Offer, sysroot: str, reader: Path, tmp_path: Path
) -> None:
    line = f"crossbuild wheel --host {sysroot} --sysroot-package lib"
    assert offer(line) == ["libdemo-dev", "libdemo1"]
    lists = tmp_path / "cache/apt/debian-bookworm-arm64-machine/lists"
    (lists / "other_Packages.gz").write_bytes(gzip.compress(b"Package: libnew-dev\n"))
    later = (lists.parent / "package-names.txt").stat().st_mtime + 10
    os.utime(lists, (later, later))
    assert "libnew-dev" in offer(line)
    assert reader.read_text() == "cat-file\n" * 2


@pytest.mark.parametrize("host", ["debian:trixie:arm64", "nonsense", "./no/such/directory", "musllinux_1_2_aarch64"])
def test_packages_that_nothing_tells(offer: Offer, sysroot: str, reader: Path, host: str) -> None:
    assert offer(f"crossbuild wheel --host {host} --sysroot-package lib") == []
    assert offer("crossbuild wheel --sysroot-package lib") == []
    assert not reader.exists()


def test_packages_on_a_machine_without_apt(
    offer: Offer, sysroot: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("crossbuild.sysroot.downloads._HELPER_PLACES", str(tmp_path))
    assert offer(f"crossbuild wheel --host {sysroot} --sysroot-package lib") == []


# --- Toolchains ----------------------------------------------------------------------------------------------------


def test_toolchains(offer: Offer, tmp_path: Path) -> None:
    for directory, name in (("bin", "riscv64-linux-gnu-gcc"), ("cross", "arm-poky-linux-gnueabi-gcc")):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / name).touch(mode=0o755)
    (tmp_path / "bin/gcc").touch(mode=0o755)
    assert offer("crossbuild wheel --toolchain ") == ["auto", "zig", "gnu", "riscv64-linux-gnu-"]
    assert offer("crossbuild wheel --toolchain z") == ["zig"]
    prefix = f"{tmp_path}/cross/arm-poky-linux-gnueabi-"
    assert offer(f"crossbuild wheel --toolchain {tmp_path}/cross/a") == [prefix]
    assert offer("crossbuild wheel --toolchain /no/such/dir/a") == ["[file]"]


# --- Scripts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_asks_as_click_answers(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_CROSSBUILD_COMPLETE={shell}_complete" in script
    assert "_crossbuild_completion" in script


def test_no_other_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err


def test_completing_is_cheap(tmp_path: Path) -> None:
    """A shell waits for the answer: what only a build needs is not imported."""
    code = (
        "import os, sys\nfrom crossbuild.__main__ import main\ntry:\n    main([])\nexcept SystemExit:\n"
        "    heavy = {'rich', 'unearth', 'auditwheel', 'elftools', 'build', 'packaging', 'filelock', 'httpx2'}\n"
        "    found = ' '.join(sorted(heavy & set(sys.modules)))\n    sys.exit(found or 0)"
    )
    environ = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.defpath, "HOME": str(tmp_path)}
    environ |= asked("bash", "crossbuild wheel --host ")
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "manylinux_2_28_aarch64" in done.stdout
