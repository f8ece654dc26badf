"""What lies in a shadow prefix, and what it takes to get another one."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pkgconf
import pytest

from crossbuild.errors import BuildPythonError
from crossbuild.interpreter.cross_venv import make_cross_venv
from crossbuild.interpreter.identity import check_identity
from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.system.cache import Cache
from tests.cross.pythons import BUILD_PYTHONS, NAMES, fake_compilers, host_like, run_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.host.model import Host
    from tests.cross.pythons import Combination

ARM64 = "manylinux_2_31_aarch64"
VERSION = "{}.{}".format(*sys.version_info)
MULTIARCH = "aarch64-linux-gnu"


@pytest.fixture
def in_sysroot(tmp_path: Path) -> Host:
    """A host below a sysroot, laid out as Debian does it."""
    host = host_like(BUILD_PYTHONS[VERSION], ARM64)
    root = tmp_path / "root"
    libraries = root / "usr/lib" / MULTIARCH
    config = root / f"usr/lib/python{VERSION}/config-{VERSION}-{MULTIARCH}"
    for directory in (libraries, config):
        directory.mkdir(parents=True)
    for path in (
        libraries / f"libpython{VERSION}.so.1.0",
        libraries / "libc.so",
        config / "Makefile",
        config / "Setup",
    ):
        path.write_text("the host's own\n")
    recorded = {"prefix": "/usr", "LIBDIR": f"/usr/lib/{MULTIARCH}", "LIBPL": f"/{config.relative_to(root)}"}
    return dataclasses.replace(
        host, build_time_vars={**host.build_time_vars, **recorded}, prefix=root / "usr", sysroot=root
    )


def made(host: Host, tmp_path: Path) -> tuple[Path, str]:
    """Return the shadow's prefix and its interpreter."""
    cross = make_cross_python(
        build_python=BUILD_PYTHONS[VERSION],
        host=host,
        compilers=fake_compilers(tmp_path / "compilers"),
        cache=Cache(root=tmp_path / "cache"),
    )
    return cross.prefix, str(cross.executable)


def test_the_linker_is_led_to_libpython_and_to_no_other_library(in_sysroot: Host, tmp_path: Path) -> None:
    _, python = made(in_sysroot, tmp_path)
    code = "import json, os, sys, sysconfig; json.dump(os.listdir(sysconfig.get_config_var('LIBDIR')), sys.stdout)"
    assert sorted(run_json([python, "-c", code])) == [f"libpython{VERSION}.so.1.0", "pkgconfig"]


def test_the_hosts_configuration_directory_is_there_with_a_makefile_for_this_machine(
    in_sysroot: Host, tmp_path: Path
) -> None:
    prefix, python = made(in_sysroot, tmp_path)
    config = prefix / f"lib/python{VERSION}/config-{VERSION}-{MULTIARCH}"
    assert (config / "Setup").read_text() == "the host's own\n"
    code = (
        "import json, sys, sysconfig; from sysconfig import get_makefile_filename as name;"
        "from importlib import import_module; own = sysconfig if hasattr(sysconfig, '_parse_makefile') "
        "else import_module('sysconfig.__main__'); parse = own._parse_makefile;"
        "json.dump([parse(name())[key] for key in ('CC', 'LIBPL', 'EXT_SUFFIX', 'SIZEOF_LONG')], sys.stdout)"
    )
    assert run_json([python, "-c", code]) == [
        f"{tmp_path}/compilers/host-cc -pthread",
        str(config),
        in_sysroot.ext_suffix,
        8,
    ]


def test_headers_are_the_hosts_and_pyconfig_is_no_switch(in_sysroot: Host, tmp_path: Path, zig: Path) -> None:
    headers = tmp_path / "headers"
    headers.mkdir()
    (headers / "Python.h").write_text('#include "pyconfig.h"\n')
    (headers / "pyconfig.h").write_text("#include <aarch64-linux-gnu/python/pyconfig.h>\n")
    host = dataclasses.replace(in_sysroot, headers=headers, pyconfig="#define SIZEOF_LONG 8\n")
    prefix, _ = made(host, tmp_path)
    include = prefix / f"include/python{VERSION}"
    compiled = subprocess.run(
        [zig, "cc", "-E", "-dM", "-xc", "-I", include, include / "Python.h"], capture_output=True, text=True, check=True
    )
    assert "#define SIZEOF_LONG 8" in compiled.stdout
    assert sorted(path.name for path in include.iterdir()) == ["Python.h", "pyconfig.h"]


def test_headers_of_the_system_are_the_hosts_too(tmp_path: Path, gnu_armhf: Path) -> None:
    """GCC follows links in directories of -isystem, as CMake gives them, and looks beside what is behind."""
    prefix, _ = made(host_like(BUILD_PYTHONS[VERSION], "linux_armv7l"), tmp_path)
    include = prefix / "include" / f"python{VERSION}"
    source = "#include <Python.h>\nint pointer = SIZEOF_VOID_P;\n"
    compiler = [str(gnu_armhf / "arm-linux-gnueabihf-gcc"), "-isystem", str(include), "-E", "-H", "-xc", "-"]
    done = subprocess.run(compiler, input=source, capture_output=True, text=True, check=True)
    assert str(include / "pyconfig.h") in done.stderr


def test_python_config_agrees_with_the_interpreter(in_sysroot: Host, tmp_path: Path) -> None:
    prefix, _ = made(in_sysroot, tmp_path)
    include = f"-I{prefix}/include/python{VERSION}"
    script = [f"{prefix}/bin/python3-config", "--includes", "--extension-suffix", "--ldflags", "--embed"]
    includes, suffix, flags = subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()
    assert set(includes.split()) == {include}
    assert suffix == in_sysroot.ext_suffix
    assert flags.split()[:3] == [
        f"-L{prefix}/lib/python{VERSION}/config-{VERSION}-{MULTIARCH}",
        f"-L{prefix}/lib/{MULTIARCH}",
        f"-lpython{VERSION}",
    ]


def test_only_one_sysconfigdata_is_to_be_found(in_sysroot: Host, tmp_path: Path) -> None:
    """PyO3 and maturin refuse to choose between two."""
    prefix, _ = made(in_sysroot, tmp_path)
    (found,) = (prefix / f"lib/python{VERSION}").glob("_sysconfigdata*.py")
    assert MULTIARCH in found.name


def test_nobody_installs_into_the_cross_python_itself(in_sysroot: Host, tmp_path: Path) -> None:
    _, python = made(in_sysroot, tmp_path)
    uv = [sys.executable, "-m", "uv", "pip", "install", "--no-config", "--offline", "--python", python, "anything"]
    done = subprocess.run(uv, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "externally managed" in done.stderr


def test_nothing_is_compiled_or_written_when_it_runs(in_sysroot: Host, tmp_path: Path) -> None:
    prefix, python = made(in_sysroot, tmp_path)
    before = {path: path.lstat().st_mtime_ns for path in prefix.rglob("*")}
    for level in ("-s", "-O", "-OO"):
        subprocess.run([python, level, "-c", "import sysconfig, platform; sysconfig.get_config_vars()"], check=True)
    after = {path: path.lstat().st_mtime_ns for path in prefix.rglob("*")}
    ours = [
        path for path in after.keys() - before.keys() if "_crossbuild" in str(path) or "_sysconfigdata" in str(path)
    ]
    assert ours == []
    assert [path for path in before if not path.is_dir() and after[path] != before[path]] == []


def test_it_is_made_once_and_again_for_other_compilers(in_sysroot: Host, tmp_path: Path) -> None:
    python, cache = BUILD_PYTHONS[VERSION], Cache(root=tmp_path / "cache")
    one, two = fake_compilers(tmp_path / "one"), fake_compilers(tmp_path / "two")
    first, again, other = (
        make_cross_python(build_python=python, host=in_sysroot, compilers=compilers, cache=cache).prefix
        for compilers in (one, one, two)
    )
    assert first == again != other


def test_what_the_user_calls_the_host_makes_no_difference(in_sysroot: Host, tmp_path: Path) -> None:
    assert made(in_sysroot, tmp_path) == made(dataclasses.replace(in_sysroot, name="the same"), tmp_path)


def test_a_build_python_of_another_version_is_refused(in_sysroot: Host, tmp_path: Path) -> None:
    host = dataclasses.replace(in_sysroot, python_version=(3, 7, 0))
    with pytest.raises(BuildPythonError, match=r"a Python 3\.7"):
        made(host, tmp_path)


def test_an_interpreter_that_misses_the_facts_is_noticed_before_it_is_kept(
    in_sysroot: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossbuild.interpreter.stdlib_links._ENCODINGS_LAST", "")
    with pytest.raises(BuildPythonError, match="The cross Python"):
        made(in_sysroot, tmp_path)
    assert [path.name for path in (tmp_path / "cache/cross-python").iterdir() if path.is_dir()] == []


def test_the_build_python_does_not_pass_for_the_host(in_sysroot: Host) -> None:
    with pytest.raises(BuildPythonError, match="does not answer as the host") as caught:
        check_identity(BUILD_PYTHONS[VERSION].executable, in_sysroot, environ={})
    assert "linux-x86_64" in caught.value.why
    assert "cross compiling" in caught.value.why


def test_pythonhome_is_found_out(combine: Callable[[str, str], Combination]) -> None:
    combination = combine(VERSION, ARM64)
    check_identity(combination.python, combination.host, environ={})
    with pytest.raises(BuildPythonError, match="does not answer as the host"):
        check_identity(combination.python, combination.host, environ={"PYTHONHOME": str(combination.build.prefix)})


def test_an_interpreter_that_does_not_run_is_an_error(in_sysroot: Host, tmp_path: Path) -> None:
    with pytest.raises(BuildPythonError, match="does not run"):
        check_identity(tmp_path / "nothing", in_sysroot, environ={})


TELL_PATHS = """
import json, os, site, sys, sysconfig
paths = {**sysconfig.get_paths(), "prefix": sys.prefix, "executable": sys.executable, "site": site.getsitepackages()[0]}
here = [os.path.relpath(path, sys.prefix) for path in paths.values() if path.startswith(sys.prefix)]
json.dump([sorted(here), sorted(os.listdir(sys.prefix)), site.ENABLE_USER_SITE, sys.flags.no_user_site], sys.stdout)
"""


@pytest.mark.parametrize("version", NAMES)
def test_the_cross_venv_is_laid_out_as_venv_would(
    combine: Callable[[str, str], Combination], version: str, tmp_path: Path
) -> None:
    combination = combine(version, ARM64)
    standard = tmp_path / "standard"
    subprocess.run([combination.cross.executable, "-m", "venv", "--without-pip", standard], check=True)
    (standard / ".gitignore").unlink(missing_ok=True)
    ours, theirs = (
        run_json([str(python), "-c", TELL_PATHS]) for python in (combination.python, standard / "bin/python")
    )
    assert ours == theirs


def test_the_cross_venv_sees_what_is_installed_later(
    combine: Callable[[str, str], Combination], tmp_path: Path
) -> None:
    site_packages = tmp_path / "site-packages"
    site_packages.mkdir()
    python = make_cross_venv(tmp_path / "venv", cross_python=combine(VERSION, ARM64).cross, site_packages=site_packages)
    (site_packages / "later.py").write_text("answer = 42\n")
    assert run_json([str(python), "-c", "import later; print(later.answer)"]) == 42


@pytest.mark.parametrize("with_sysroot", [False, True])
def test_pkg_config_leads_to_the_shadow(in_sysroot: Host, tmp_path: Path, *, with_sysroot: bool) -> None:
    """Also with PKG_CONFIG_SYSROOT_DIR, which pkg-config puts before all directories, though ours are not in there."""
    prefix, _ = made(in_sysroot, tmp_path)
    environ = {"PATH": os.environ["PATH"], "PKG_CONFIG_LIBDIR": f"{prefix}/lib/{MULTIARCH}/pkgconfig"}
    if with_sysroot:
        environ["PKG_CONFIG_SYSROOT_DIR"] = str(in_sysroot.sysroot)
    command = [str(pkgconf.get_executable()), "--cflags", "--libs", "python3-embed"]
    flags = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.split()
    include, libraries, libpython = flags
    assert os.path.realpath(include.removeprefix("-I")) == f"{prefix}/include/python{VERSION}"
    assert os.path.realpath(libraries.removeprefix("-L")) == f"{prefix}/lib/{MULTIARCH}"
    assert libpython == f"-lpython{VERSION}"
