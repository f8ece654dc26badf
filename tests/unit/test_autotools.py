"""The site file, as a configure script reads it: after its options, with the environment's compiler in ``CC``."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from crossbuild.native.autotools import write_site_file

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURE = """\
host_alias=$1
cross_compiling=${1:+maybe}
for ac_site_file in $CONFIG_SITE; do . "$ac_site_file" || exit; done
echo "$host_alias" "${cross_compiling:-no}" "$ac_tool_prefix" "$ac_cv_func_malloc_0_nonnull"
"""
CROSS = "arm-linux-gnueabihf yes arm-linux-gnueabihf- yes"
NATIVE = "no"


class Build:
    """A build for armv7l with the files of its compilers on PATH."""

    def __init__(self, directory: Path) -> None:
        self.compilers = directory / "compilers here"
        self.bin = directory / "bin"
        self.directory = directory
        for place, names in ((self.compilers, ("cc", "arm-linux-gnueabihf-gcc")), (self.bin, ("ccache", "build-cc"))):
            place.mkdir()
            for name in names:
                (place / name).touch()
                (place / name).chmod(0o755)

    def configure(self, *, host: str = "", sites: str = "", can_run: bool = False, **variables: str) -> str:
        """Return what a configure script believes that is called with ``--host=host``.

        ``can_run``: whether the host's programs can run here.
        """
        told = {"CONFIG_SITE": sites} if sites else {}
        gnu_type = "arm-linux-gnueabihf"
        site = write_site_file(
            self.directory, gnu_type=gnu_type, compilers=self.compilers, environ=told, can_run=can_run
        )
        environ = {"PATH": f"{self.compilers}:{self.bin}:/usr/bin:/bin", **site, **variables}
        command = ["/bin/sh", "-c", CONFIGURE, "configure", host]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


@pytest.mark.parametrize("compiler", ["", "cc", "arm-linux-gnueabihf-gcc", "ccache arm-linux-gnueabihf-gcc -std=gnu99"])
def test_a_configure_script_without_options_cross_compiles(build: Build, compiler: str) -> None:
    assert build.configure(CC=compiler) == CROSS


def test_a_configure_script_tries_whether_programs_run_that_may(build: Build) -> None:
    assert build.configure(can_run=True) == CROSS.replace("yes", "maybe", 1)
    assert build.configure(can_run=True, host="arm-linux-gnueabihf") == CROSS.replace("yes", "maybe", 1)
    assert build.configure(can_run=True, CC="build-cc") == NATIVE


def test_whoever_names_the_host_alone_means_it(build: Build) -> None:
    assert build.configure(host="arm-linux-gnueabihf") == CROSS
    assert build.configure(host="wasm32-unknown-emscripten") == "wasm32-unknown-emscripten maybe"


@pytest.mark.parametrize("compiler", ["build-cc", "/usr/bin/gcc -m64", "ccache build-cc"])
def test_what_is_compiled_for_the_build_machine_is_not_crossed(build: Build, compiler: str) -> None:
    assert build.configure(CC=compiler) == NATIVE


def test_the_users_site_files_come_first(build: Build) -> None:
    (build.directory / "one.site").write_text("ac_cv_func_malloc_0_nonnull=no\n")
    (build.directory / "two.site").write_text("host_alias=arm-user-linux-gnueabi\n")
    one, two = (f"{build.directory}/{name}.site" for name in ("one", "two"))
    assert build.configure(sites=f"/absent.site {one}") == CROSS.removesuffix("yes") + "no"
    assert build.configure(sites=f"{one} {two}") == "arm-user-linux-gnueabi no  no"
