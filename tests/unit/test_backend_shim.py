"""The injected code, as far as it shows without a shadow prefix: odd hosts, odd loaders, odd callers."""

from __future__ import annotations

import importlib
import inspect
import os
import struct
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.backend_shim import noticed, patches, places, python_config, start
from crossbuild.native.meson import build_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.backend_shim.start import Facts


def facts(
    machine: str = "armv7l", *, libc: str = "glibc", version: tuple[int, int] | None = (2, 31), small: bool = True
) -> Facts:
    return {
        "executable": "/shadow/bin/python3.11",
        "machine": machine,
        "is_32bit": small,
        "multiarch": "arm-linux-gnueabihf",
        "build_multiarch": "x86_64-linux-gnu",
        "ext_suffix": ".cpython-311-arm-linux-gnueabihf.so",
        "libc": libc,
        "libc_version": version,
        "byteorder": "little",
        "root": "",
        "libraries": ("/usr/lib",),
    }


def no_places() -> places.Places:
    return places.Places(facts())


@pytest.fixture
def finder() -> Iterator[start.PatchingFinder]:
    """Put a finder of a 32-bit Arm host in front of this process's own, for one test."""
    finder, before = start.PatchingFinder(facts(), no_places()), set(sys.modules)
    sys.meta_path.insert(0, finder)
    yield finder
    sys.meta_path.remove(finder)
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/usr/include", "directory"),
        ("/usr/include/zlib.h", "header"),
        ("/usr/lib/x86_64-linux-gnu/libz.so.1", "library"),
        ("/usr/lib/x86_64-linux-gnu/qt5/bin/moc", ""),
        ("/usr/lib/python3/dist-packages", ""),
        ("/etc/os-release", "system"),
        ("/etc/passwd", ""),
        ("/proc/cpuinfo", "kernel"),
        ("/opt/no-such-vendor/lib", "shared"),
        ("/opt/no-such-vendor/bin/tool", ""),
        ("/usr/bin/cc", ""),
    ],
)
def test_what_differs_between_machines(path: str, kind: str) -> None:
    assert no_places().kind(path) == kind


def vendored_packaging(directory: Path, top: str) -> None:
    """Write a package with a ``packaging.tags`` in it, as tools carry it along."""
    package = directory / top / "packaging"
    package.mkdir(parents=True)
    (directory / top / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "tags.py").write_text(
        "ran_by = __spec__.loader.__class__.__name__\n"
        "_32_BIT_INTERPRETER = False\n"
        "def _linux_platforms(is_32bit=_32_BIT_INTERPRETER): return is_32bit\n"
        "def _is_linux_armhf(): return False\n"
    )


@pytest.mark.parametrize("stem", ["packaging", "pip._vendor.packaging", "a.b.packaging"])
def test_every_vendored_copy_of_packaging_is_patched(stem: str) -> None:
    assert patches.patch_for(stem, "tags", no_places()) is patches.packaging


@pytest.mark.parametrize(
    "name",
    [
        "mypackaging.tags",
        "project.tags",
        "project.platform",
        "project.struct",
        "project.machinery",
        "project.posix",
        "project.util",
    ],
)
def test_a_packages_own_module_is_left_alone(name: str) -> None:
    stem, _, last = name.rpartition(".")
    assert patches.patch_for(stem, last, no_places()) is None


def test_a_module_is_patched_when_imported_and_again_when_reloaded(
    finder: start.PatchingFinder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendored_packaging(tmp_path, "some_tool")
    monkeypatch.syspath_prepend(tmp_path)
    tags = importlib.import_module("some_tool.packaging.tags")
    for module in (tags, importlib.reload(tags)):
        assert module._32_BIT_INTERPRETER is True
        assert module._linux_platforms() is True
        assert module._is_linux_armhf() is True


def test_a_patched_module_shows_its_real_loader(
    finder: start.PatchingFinder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendored_packaging(tmp_path, "another_tool")
    monkeypatch.syspath_prepend(tmp_path)
    tags = importlib.import_module("another_tool.packaging.tags")
    assert tags.ran_by == "SourceFileLoader"
    assert type(tags.__loader__) is type(vars(tags)["__spec__"].loader) is importlib.machinery.SourceFileLoader
    assert "_linux_platforms" in inspect.getsource(tags)


def test_a_spec_that_is_not_loaded_still_answers_for_its_loader(
    finder: start.PatchingFinder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``python -m packaging.tags`` asks the loader for the code, and never executes the module."""
    vendored_packaging(tmp_path, "third_tool")
    monkeypatch.syspath_prepend(tmp_path)
    spec = importlib.util.find_spec("third_tool.packaging.tags")
    assert spec is not None
    loader: Any = spec.loader
    assert loader.get_code("third_tool.packaging.tags") is not None


def test_a_loader_that_only_knows_load_module_is_patched_too() -> None:
    module: Any = types.ModuleType("old.packaging.tags")
    module._32_BIT_INTERPRETER = False
    spec: Any = types.SimpleNamespace(loader=types.SimpleNamespace(load_module=lambda _: module))
    loader = start.LegacyPatchingLoader(spec, patches.packaging, facts())
    assert loader.load_module("old.packaging.tags")._32_BIT_INTERPRETER is True


def test_a_module_that_is_not_there_is_still_missing(finder: start.PatchingFinder) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("nowhere.packaging.tags")


@pytest.mark.parametrize(
    ("libc", "version", "wanted"),
    [("glibc", (2, 17), "2.17"), ("glibc", None, "2.0"), ("musl", (1, 2), None), ("musl", None, None)],
)
def test_packaging_hears_the_hosts_glibc(libc: str, version: tuple[int, int] | None, wanted: str | None) -> None:
    module: Any = types.SimpleNamespace(_glibc_version_string=lambda: "9.9")
    patches.packaging(module, facts(libc=libc, version=version))
    assert module._glibc_version_string() == wanted


@pytest.mark.parametrize(
    ("libc", "version", "wanted"),
    [("musl", (1, 2), ("version", 1, 2)), ("musl", None, None), ("glibc", (2, 17), None)],
)
def test_packaging_hears_the_hosts_musl(libc: str, version: tuple[int, int] | None, wanted: object) -> None:
    module: Any = types.SimpleNamespace(
        _get_musl_version=lambda _: "wrong", _MuslVersion=lambda major, minor: ("version", major, minor)
    )
    patches.packaging(module, facts(libc=libc, version=version))
    assert module._get_musl_version("/any/executable") == wanted


@pytest.mark.parametrize("machine", ["armv7l", "i686", "aarch64"])
def test_packaging_hears_which_32_bit_machine_it_is(machine: str) -> None:
    module: Any = types.SimpleNamespace(_is_linux_armhf=lambda: None, _is_linux_i686=lambda _: None)
    patches.packaging(module, facts(machine))
    assert module._is_linux_armhf() is (machine == "armv7l")
    assert module._is_linux_i686("/any/executable") is (machine == "i686")


def test_platform_tells_the_truth_about_other_files() -> None:
    module: Any = types.SimpleNamespace(
        _Processor=types.SimpleNamespace(), architecture=lambda *asked: asked, libc_ver=lambda *asked: asked
    )
    patches.platform(module, facts())
    assert module.architecture("/bin/ls") == ("/bin/ls", "", "")
    assert module.libc_ver("/bin/ls")[0] == "/bin/ls"
    assert module.architecture(sys.executable) == module.architecture() == ("32bit", "ELF")
    assert module.libc_ver(sys.executable) == module.libc_ver() == ("glibc", "2.31")


def test_extension_suffixes_keep_every_kind_that_the_build_python_knows() -> None:
    own = [".cpython-315-x86_64-linux-gnu.so", ".abi3-x86_64-linux-gnu.so", ".abi3.so", ".so"]
    module: Any = types.SimpleNamespace(EXTENSION_SUFFIXES=own)
    for _ in range(2):
        patches.machinery(module, facts())
        assert module.EXTENSION_SUFFIXES == [
            ".cpython-311-arm-linux-gnueabihf.so",
            ".abi3-arm-linux-gnueabihf.so",
            ".abi3.so",
            ".so",
            ".cpython-315-x86_64-linux-gnu.so",
        ]


@pytest.fixture
def calcsize() -> dict[str, Any]:
    """Return the functions that callers in different modules would find."""
    module: Any = types.SimpleNamespace(calcsize=struct.calcsize)
    patches.struct(module, facts())
    patches.struct(module, facts())
    callers = ("__main__", "setuptools.command.bdist_wheel", "mesonpy._tags", "ctypes", "numpy.core", "wheelhouse")

    def ask(layout: str) -> int:
        return struct.calcsize(layout)

    def asking(name: str, place: str) -> Any:
        code = ask.__code__.replace(co_filename=f"{place}/{name}.py")
        return types.FunctionType(code, {"__name__": name, "struct": module})

    installed = {name: asking(name, "/venv/lib/python3.11/site-packages") for name in callers}
    return {**installed, "helpers": asking("helpers", "/project")}


def test_build_tools_and_the_project_hear_the_size_of_the_hosts_pointers(calcsize: dict[str, Any]) -> None:
    for name in ("__main__", "setuptools.command.bdist_wheel", "mesonpy._tags", "helpers"):
        assert [calcsize[name](layout) for layout in ("P", "@P", b"P", "n", "l", "=l", "<q", "3P")] == [
            *(4, 4, 4, 4, 4),
            *(4, 8, 12),
        ]


def test_all_others_hear_the_truth_about_this_process(calcsize: dict[str, Any]) -> None:
    for name in ("ctypes", "numpy.core", "wheelhouse"):
        assert calcsize[name]("P") == struct.calcsize("P")


@pytest.mark.parametrize("options", ["-c", "-ec", "-eu -o pipefail -c", "--norc -eo pipefail -c"])
def test_what_a_shell_is_to_run_is_read_behind_its_options(
    options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(noticed.RECORD_VARIABLE, str(tmp_path))
    monkeypatch.setattr(noticed, "_SAID", set())
    words = ["bash", *options.split(), "dpkg-architecture -qDEB_HOST_ARCH; cat /etc/os-release"]
    noticed.heard("subprocess.Popen", ("/bin/bash", words, None, None), no_places())
    fields = (tmp_path / noticed.NAME).read_text().split("\0")
    assert fields[1::4] == ["dpkg-architecture", "/etc/os-release"]


def test_a_wrong_layout_is_still_an_error(calcsize: dict[str, Any]) -> None:
    for name in ("__main__", "ctypes"):
        with pytest.raises(struct.error):
            calcsize[name]("=P")


class MesonPython(types.ModuleType):
    """Stands for mesonpy, whose hook tells what it was called with."""

    @staticmethod
    def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> object:
        return wheel_directory, config_settings, metadata_directory


@pytest.mark.parametrize(
    ("given", "setup", "others"),
    [
        (None, [], {}),
        ({"setup-args": "-Dblas=none", "x": "y"}, ["-Dblas=none"], {"x": "y"}),
        ({"setup-args": ["-Da=1", "-Db=2"]}, ["-Da=1", "-Db=2"], {}),
    ],
)
def test_what_the_user_says_to_meson_comes_last_and_wins(
    given: object, setup: list[str], others: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ["--cross-file=/cross.ini", "--native-file=/native.ini"]
    settings = build_settings(files, 3)
    monkeypatch.setenv(patches.SETTINGS_VARIABLE, settings)
    module: Any = MesonPython("mesonpy")
    for _ in range(2):  # a module that is reloaded is patched again
        patches.mesonpy(module, facts())
    wheel_directory, told, metadata_directory = module.build_wheel("/wheels", given, "/metadata")
    assert (wheel_directory, metadata_directory) == ("/wheels", "/metadata")
    assert told == {"setup-args": [*files, *setup], "compile-args": ["-j3"], **others}


def test_meson_python_is_left_alone_where_nothing_is_cross_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(patches.SETTINGS_VARIABLE, raising=False)
    module: Any = MesonPython("mesonpy")
    patches.mesonpy(module, facts())
    assert module.build_wheel("/wheels", {"a": "b"}) == ("/wheels", {"a": "b"}, None)


@pytest.mark.parametrize("name", ["CS_GNU_LIBC_VERSION", os.confstr_names["CS_GNU_LIBC_VERSION"]])
def test_confstr_knows_no_version_where_no_floor_is_known(name: str | int) -> None:
    assert start._confstr(os.confstr, facts(version=None))(name) is None


def test_confstr_answers_everything_else_as_before() -> None:
    assert start._confstr(os.confstr, facts(libc="musl"))("CS_PATH") == os.confstr("CS_PATH")
    with pytest.raises(ValueError, match="unrecognized configuration name"):
        start._confstr(os.confstr, facts())("CS_NO_SUCH_NAME")


def test_python_config_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert python_config.main(["--libs", "--frobnicate"]) == 1
    assert python_config.main([]) == 1
    assert capsys.readouterr().out == ""


def test_python_config_answers_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert python_config.main(["--extension-suffix", "--abiflags", "--embed", "--libs"]) == 0
    suffix, flags, libraries = capsys.readouterr().out.splitlines()
    assert suffix.endswith(".so")
    assert flags == sys.abiflags
    assert "-lpython{}.{}".format(*sys.version_info) in libraries


def test_the_commands_of_scons_find_the_hosts_compilers(monkeypatch: pytest.MonkeyPatch) -> None:
    def generate(env: dict[str, dict[str, str]]) -> None:
        env["ENV"] = {"PATH": "/usr/bin:/bin"}

    monkeypatch.setenv("PATH", "/compilers:/usr/bin")
    monkeypatch.setenv("CROSSBUILD_RECORD", "/record")
    monkeypatch.setenv("SECRET", "canary")
    module: Any = types.SimpleNamespace(generate=generate)
    patch = patches.patch_for("SCons.Platform", "posix", no_places())
    assert patch
    patch(module, facts())
    patch(module, facts())
    env: dict[str, dict[str, str]] = {}
    module.generate(env)
    assert env["ENV"]["PATH"] == "/compilers:/usr/bin"
    assert env["ENV"]["CROSSBUILD_RECORD"] == "/record"
    assert "SECRET" not in env["ENV"]
