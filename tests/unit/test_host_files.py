"""Hosts that single files describe: build-details.json, well-formed and as it is found in the wild, and variables."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from crossbuild.errors import HostError
from crossbuild.host.describe import describe_host
from crossbuild.host.described.json_files import is_json_file
from crossbuild.host.host_request import HostRequest
from crossbuild.host.model import Host, PartialHost
from crossbuild.host.reading.pyconfig import pyconfig_from_variables
from crossbuild.interpreter.development import build_details
from crossbuild.interpreter.prefix_layout import Layout
from tests.unit.host_samples import PATCHLEVEL, PYCONFIG, SamplePython, elf

Json = dict[str, Any]

VERSION = {"major": 3, "minor": 14, "micro": 2, "releaselevel": "final", "serial": 0}
LEFT_OUT = object()


def details(**changes: object) -> Json:
    """Return a flawless file, with the values at the keys (dots are double underscores) changed or left out."""
    document: Json = {
        "schema_version": "1.0",
        "base_prefix": "/usr",
        "base_interpreter": "/usr/bin/python3.14",
        "platform": "linux-aarch64",
        "language": {"version": "3.14", "version_info": dict(VERSION)},
        "implementation": {
            "name": "cpython",
            "cache_tag": "cpython-314",
            "version": dict(VERSION),
            "hexversion": 51249904,
            "_multiarch": "aarch64-linux-gnu",
        },
        "abi": {
            "flags": [],
            "extension_suffix": ".cpython-314-aarch64-linux-gnu.so",
            "stable_abi_suffix": ".abi3.so",
        },
        "suffixes": {"extensions": [".cpython-314-aarch64-linux-gnu.so", ".abi3.so", ".so"]},
        "libpython": {"dynamic": "/usr/lib/libpython3.14.so.1.0", "link_extensions": False},
        "c_api": {"headers": "/usr/include/python3.14", "pkgconfig_path": "/usr/lib/pkgconfig"},
    }
    for name, value in changes.items():
        *above, key = name.split("__")
        part = document
        for one in above:
            part = part[one]
        if value is LEFT_OUT:
            del part[key]
        else:
            part[key] = value
    return document


def write(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def partial(path: Path, *, sysroot: Path | None = None, request: HostRequest | None = None) -> PartialHost:
    host = describe_host(str(path), sysroot=sysroot, request=request)
    assert isinstance(host, PartialHost)
    return host


def whole(path: Path, *, sysroot: Path | None = None, request: HostRequest | None = None) -> Host:
    host = describe_host(str(path), sysroot=sysroot, request=request)
    assert isinstance(host, Host)
    return host


def fault(path: Path, *, request: HostRequest | None = None) -> str:
    with pytest.raises(HostError) as error:
        describe_host(str(path), request=request)
    return str(error.value)


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    return tmp_path / "alone/build-details.json"


@pytest.fixture
def sample(tmp_path: Path) -> SamplePython:
    python = SamplePython(root=tmp_path / "root", minor=14).install()
    (python.library / "os.py").write_text("")
    return python


def headers(directory: Path, *, minor: int = 14, size: int = 8) -> Path:
    directory.mkdir(parents=True)
    (directory / "Python.h").write_text("")
    (directory / "patchlevel.h").write_text(PATCHLEVEL.format(minor=minor))
    (directory / "pyconfig.h").write_text(PYCONFIG.format(size=size))
    return directory


# -- build-details.json, alone -----------------------------------------------------------------------------------------


def test_a_flawless_file_alone(alone: Path) -> None:
    host = partial(write(alone, details()))
    assert (host.python_version, host.micro, host.abi_flags) == ((3, 14), 2, "")
    assert host.platform.wheel_tag == "linux_aarch64"
    assert host.platform.libc_text == "glibc"
    assert host.ext_suffix == ".cpython-314-aarch64-linux-gnu.so"
    assert (host.headers, host.build_time_vars, host.sysroot) == (None, None, None)
    assert host.origin["platform"] == str(alone)
    assert host.defects == ()


def test_what_later_versions_of_the_format_add_is_no_defect(alone: Path) -> None:
    document = details(schema_version="1.1", abi__future=1, arbitrary_data={"any": []}, more="said")
    assert partial(write(alone, document)).defects == ()


def test_debians_name_of_it(alone: Path) -> None:
    host = partial(write(alone.with_name("build-details..aarch64-linux-gnu.json"), details()))
    assert host.platform.architecture.name == "aarch64"


def test_musl_and_a_cpu_that_only_the_platform_names(alone: Path) -> None:
    tuple_ = "arm-linux-musleabihf"
    suffix = f".cpython-314-{tuple_}.so"
    document = details(platform="linux-armv6l", implementation___multiarch=tuple_, abi__extension_suffix=suffix)
    host = partial(write(alone, document | {"suffixes": {"extensions": [suffix, ".abi3.so", ".so"]}}))
    assert (host.platform.libc, host.platform.architecture.name, host.defects) == ("musl", "armv6l", ())


def test_its_headers_in_a_sysroot(alone: Path, sample: SamplePython) -> None:
    host = partial(write(alone, details()), sysroot=sample.root)
    assert host.headers == sample.include
    assert (host.prefix, host.sysroot, host.defects) == (sample.home, sample.root, ())


def test_relative_paths_start_from_the_file_and_from_the_prefix(tmp_path: Path) -> None:
    include = headers(tmp_path / "moved/include/python3.14")
    document = details(base_prefix="../..", base_interpreter="./bin/python3.14", c_api__headers="include/python3.14")
    host = partial(write(tmp_path / "moved/lib/anything/build-details.json", document))
    assert (host.headers, host.prefix, host.sysroot, host.defects) == (include, tmp_path / "moved", None, ())


def test_an_absolute_path_is_never_this_machines(tmp_path: Path) -> None:
    here = headers(tmp_path / "usr/include/python3.14")
    (tmp_path / "moved/lib").mkdir(parents=True)
    document = details(base_prefix="..", c_api__headers=str(here))
    assert partial(write(tmp_path / "moved/lib/build-details.json", document)).headers is None
    assert partial(write(tmp_path / "build-details.json", details(c_api__headers=str(here)))).headers is None


def test_a_relative_prefix_stays_with_the_file(tmp_path: Path) -> None:
    headers(tmp_path / "usr/include/python3.14")
    for recorded, place in (("../usr", "elsewhere"), ("../..", "usr/share/anything")):
        path = write(tmp_path / place / "build-details.json", details(base_prefix=recorded))
        (tmp_path / "usr").mkdir(exist_ok=True)
        found = describe_host(str(path))
        assert (found.headers, found.prefix) == (None, None)
        assert any("leads to files that are not its Python's" in defect for defect in found.defects)
    assert partial(write(tmp_path / "build-details.json", details(base_prefix="./build-details.json"))).prefix is None
    outside = write(tmp_path / "usr/lib/build-details.json", details(base_prefix="..", c_api__headers="../usr/include"))
    assert partial(outside).headers is None


def test_nothing_leads_out_of_a_sysroot(alone: Path, tmp_path: Path) -> None:
    headers(tmp_path / "usr/include/python3.14")
    (tmp_path / "root").mkdir()
    found = partial(write(alone, details(base_prefix="/../usr")), sysroot=tmp_path / "root")
    assert (found.headers, found.prefix) == (None, None)


def test_a_file_is_known_by_its_first_byte(alone: Path) -> None:
    path = write(alone, details())
    other = path.rename(path.with_name("board"))
    assert is_json_file(write(alone, []))
    assert is_json_file(other)
    other.write_text("build_time_vars = {}")
    assert not is_json_file(other)
    assert not is_json_file(path.parent)


def test_headers_that_the_user_names(alone: Path, tmp_path: Path) -> None:
    given = headers(tmp_path / "given")
    assert partial(write(alone, details()), request=HostRequest(headers=given)).headers == given


@pytest.mark.parametrize(("change", "why"), [({"minor": 13}, "contradicts itself"), ({"size": 4}, "another machine")])
def test_headers_of_another_python_are_refused(alone: Path, tmp_path: Path, change: dict[str, int], why: str) -> None:
    given = headers(tmp_path / "given", **change)
    assert why in fault(write(alone, details()), request=HostRequest(headers=given))


# -- build-details.json with defects -----------------------------------------------------------------------------------

DEFECTS: list[tuple[Json, list[str]]] = [
    ({"schema_version": LEFT_OUT}, ["has no schema_version"]),
    ({"schema_version": 1.0}, ["schema_version in", "is 1.0, not a text"]),
    ({"schema_version": "2.0"}, ["schema_version in", "'2.0'"]),
    ({"platform": ""}, ["has no platform"]),
    ({"platform": LEFT_OUT}, ["has no platform"]),
    ({"platform": "linux-x86_64"}, ["platform in", "is 'linux-x86_64', but it is for aarch64"]),
    ({"base_prefix": LEFT_OUT}, ["has no base_prefix"]),
    ({"base_prefix": ["/usr"]}, ["base_prefix in", "is ['/usr'], not a text"]),
    ({"language__version": LEFT_OUT}, ["has no language.version"]),
    ({"language__version_info": [3, 14, 2]}, ["language.version_info in", "is [3, 14, 2], not an object"]),
    ({"language__version_info__micro": LEFT_OUT}, ["has no language.version_info.micro"]),
    ({"implementation__name": LEFT_OUT}, ["has no implementation.name"]),
    ({"implementation__hexversion": True}, ["implementation.hexversion in", "is True, not a whole number"]),
    (
        {"implementation___multiarch": "x86_64-linux-gnu"},
        ["implementation._multiarch in", "is 'x86_64-linux-gnu', but it is for aarch64"],
    ),
    (
        {"suffixes__extensions": [".cpython-314-x86_64-linux-gnu.so", ".abi3.so", ".so"]},
        ["suffixes.extensions in", "is '.cpython-314-x86_64-linux-gnu.so', but it is for aarch64"],
    ),
    ({"abi": LEFT_OUT}, []),
    ({"abi__flags": "t"}, ["abi.flags in", "is 't', not a list"]),
    ({"abi__extension_suffix": LEFT_OUT}, ["has no abi.extension_suffix"]),
    ({"abi__extension_suffix": "nonsense"}, ["abi.extension_suffix in", "'nonsense', which no extension module"]),
    ({"abi__extension_suffix": ".a/../b.so"}, ["abi.extension_suffix in", "'.a/../b.so', which no extension module"]),
    ({"abi__extension_suffix": ".b\0.so"}, ["abi.extension_suffix in", "not a text"]),
    ({"base_interpreter": "\ud800"}, ["base_interpreter in", "'\\ud800', not a text"]),
    ({"implementation__hexversion": 1 << 99}, ["implementation.hexversion in", "not a whole number"]),
    ({"libpython": LEFT_OUT}, []),
    ({"libpython__dynamic": LEFT_OUT}, []),
    ({"libpython__dynamic": ["libpython3.14.so"]}, ["libpython.dynamic in", "not a text"]),
    ({"libpython__link_extensions": "no"}, ["libpython.link_extensions in", "is 'no', not true or false"]),
    ({"c_api": LEFT_OUT}, []),
    ({"c_api": None}, []),
    ({"c_api": {"include": "/usr/include/python3.14"}}, ["has no c_api.headers"]),
]


@pytest.mark.parametrize(("change", "words"), DEFECTS)
def test_a_defect_is_put_up_with_and_named(alone: Path, change: Json, words: list[str]) -> None:
    host = partial(write(alone, details(**change)))
    assert (host.python_version, host.abi_flags) == ((3, 14), "")
    assert host.platform.wheel_tag == "linux_aarch64"
    assert len(host.defects) == bool(words), host.defects
    for word in (*words, *([str(alone)] if words else [])):
        assert word in host.defects[0]


def test_free_threading_that_the_flags_do_not_tell(alone: Path) -> None:
    suffix = ".cpython-314t-aarch64-linux-gnu.so"
    host = partial(write(alone, details(abi__extension_suffix=suffix)))
    assert (host.abi_flags, host.ext_suffix) == ("t", suffix)
    assert host.defects == (f"abi.flags in {alone} is [], but its Python is 't'.",)
    static = details(abi={"flags": ["d"]}, libpython={"static": "/usr/local/lib/libpython3.14td.a"})
    assert partial(write(alone, static)).abi_flags == "td"


def test_everything_of_the_build_machine_that_a_cross_build_leaves_in_it(alone: Path) -> None:
    document = details(
        implementation___multiarch="x86_64-linux-gnu",
        abi={"flags": []},
        suffixes__extensions=[".cpython-314-x86_64-linux-gnu.so", ".abi3.so", ".so"],
    )
    host = partial(write(alone, document))
    assert (host.platform.architecture.name, host.ext_suffix) == ("aarch64", "")
    assert len(host.defects) == 3


@pytest.mark.parametrize("key", ["headers", "include"])
def test_the_directory_above_the_headers(alone: Path, sample: SamplePython, key: str) -> None:
    host = partial(write(alone, details(c_api={key: "/usr/include"})), sysroot=sample.root)
    assert host.headers == sample.include
    assert f"c_api.{key} in {alone} is '/usr/include', but its Python.h is in python3.14 there." in host.defects


def test_headers_that_are_called_otherwise(alone: Path, sample: SamplePython) -> None:
    host = partial(write(alone, details(c_api={"include": "/usr/include/python3.14"})), sysroot=sample.root)
    assert host.headers == sample.include
    assert host.defects == (f"{alone} has no c_api.headers, which PEP 739 requires.",)
    assert host.origin["pyconfig"] == str(sample.include)


# -- build-details.json that cannot be used ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"implementation__name": "pypy"}, "is PyPy"),
        ({"implementation__name": "graalpy"}, "is of graalpy; crossbuild builds for CPython"),
        ({"implementation": LEFT_OUT}, "is of an unnamed Python"),
        ({"language": LEFT_OUT, "implementation__version": LEFT_OUT}, "does not say which version"),
        ({"language": {"version": "3.13"}}, "is of Python 3.13 and 3.14 at once"),
        ({"abi__extension_suffix": ".cpython-313-aarch64-linux-gnu.so"}, "is of Python 3.13 and 3.14 at once"),
        ({"abi": {"flags": ["m"]}, "libpython": LEFT_OUT, "c_api": LEFT_OUT}, "CPython has t, d or both"),
        ({"platform": "win-amd64"}, "is of a Python for win-amd64"),
        ({"abi__extension_suffix": ".cpython-314-vax-linux-gnu.so"}, "a machine that crossbuild does not know"),
        (
            {
                "platform": "",
                "abi": LEFT_OUT,
                "suffixes": LEFT_OUT,
                "implementation___multiarch": LEFT_OUT,
            },
            "does not say which machine",
        ),
    ],
)
def test_what_cannot_be_survived(alone: Path, change: Json, why: str) -> None:
    text = fault(write(alone, details(**change)))
    assert why in text
    assert str(alone) in text


def test_flags_that_were_not_asked_for(alone: Path) -> None:
    assert "'t' was asked for" in fault(write(alone, details()), request=HostRequest(abi_flags="t"))


# -- build-details.json in its standard library ------------------------------------------------------------------------


def test_beside_the_variables_the_installed_python_is_meant(sample: SamplePython) -> None:
    path = write(sample.library / "build-details.json", details())
    host = whole(path)
    assert (host.prefix, host.sysroot, host.headers) == (sample.home, sample.root, sample.include)
    assert (host.python_version, host.name, host.defects) == ((3, 14, 4), str(path), ())
    assert host.build_time_vars == whole(sample.executable).build_time_vars


def test_a_standalone_build_of_python(tmp_path: Path) -> None:
    python = SamplePython(root=tmp_path / "root", prefix="/install", minor=14).install()
    (python.library / "os.py").write_text("")
    python.home.rename(tmp_path / "moved")
    document = details(base_prefix="/install", platform="", c_api__headers="/install/include/python3.14")
    path = write(tmp_path / "moved/lib/python3.14/build-details.json", document)
    host = whole(path)
    assert (host.prefix, host.headers) == (tmp_path / "moved", tmp_path / "moved/include/python3.14")
    assert host.defects == (
        f"{path} has no platform, which PEP 739 requires.",
        f"base_prefix in {path} is '/install', but its Python is in {tmp_path / 'moved'}.",
    )
    next(path.parent.glob("_sysconfigdata*")).unlink()
    assert partial(write(path, details(base_prefix="/install"))).prefix == tmp_path / "moved"


def test_a_standard_library_without_variables_tells_where_the_headers_are(sample: SamplePython) -> None:
    sample.sysconfigdata.unlink()
    host = partial(write(sample.library / "build-details.json", details()))
    assert (host.prefix, host.sysroot, host.headers) == (sample.home, sample.root, sample.include)


def test_what_it_says_of_another_machine_than_its_python(sample: SamplePython) -> None:
    document = details(platform="linux-x86_64", abi__extension_suffix=".cpython-314t-aarch64-linux-gnu.so")
    path = write(sample.library / "build-details.json", document)
    assert whole(path).defects == (f"platform in {path} is 'linux-x86_64', but its Python is for aarch64.",)


def test_of_another_version_than_its_python(sample: SamplePython) -> None:
    path = write(sample.library / "build-details.json", details(language__version="3.15"))
    assert "is of Python 3.15, but the build variables" in fault(path)


def test_variables_that_the_user_names_for_it(alone: Path, sample: SamplePython) -> None:
    host = partial(write(alone, details()), request=HostRequest(sysconfigdata=sample.sysconfigdata))
    assert host.build_time_vars is not None
    assert host.build_time_vars["prefix"] == "/usr"


def test_what_a_cross_python_says_of_itself_is_flawless(alone: Path, sample: SamplePython) -> None:
    described = whole(sample.executable)
    prefix = Path("/cache/cross-python/key")
    layout = Layout(
        prefix=prefix,
        executable=prefix / "bin/python3.14",
        stdlib=prefix / "lib/python3.14",
        include=prefix / "include/python3.14",
        libraries=prefix / "lib/aarch64-linux-gnu",
        config=prefix / "lib/python3.14/config-3.14-aarch64-linux-gnu",
    )
    host = partial(write(alone, build_details(layout, made=layout, host=described)))
    assert (host.python_version, host.micro, host.abi_flags) == ((3, 14), 4, "")
    assert (host.platform.architecture.name, host.ext_suffix) == ("aarch64", described.ext_suffix)
    assert host.defects == ()


# -- build variables ---------------------------------------------------------------------------------------------------


def lone(sample: SamplePython, directory: Path) -> Path:
    directory.mkdir()
    return Path(shutil.copy(sample.sysconfigdata, directory))


def test_variables_alone(sample: SamplePython, tmp_path: Path) -> None:
    path = lone(sample, tmp_path / "alone")
    host = partial(path)
    assert (host.python_version, host.micro, host.abi_flags) == ((3, 14), None, "")
    assert host.platform.wheel_tag == "linux_aarch64"
    assert (host.headers, host.pyconfig, host.sysroot, host.defects) == (None, None, None, ())
    assert host.build_time_vars == sample.recorded()
    assert host.origin["build_time_vars"] == str(path)


def test_variables_in_json(sample: SamplePython, tmp_path: Path) -> None:
    path = write(
        tmp_path / "_sysconfig_vars__linux_aarch64-linux-gnu.json", {**sample.recorded(), "py_version": "3.14.3"}
    )
    assert (partial(path).python_version, partial(path).micro) == ((3, 14), 3)


def test_a_libc_in_the_sysroot_is_the_origin_of_its_version(alone: Path, sample: SamplePython) -> None:
    suffix, loader = ".cpython-314-aarch64-linux-musl.so", sample.root / "lib/ld-musl-aarch64.so.1"
    loader.parent.mkdir(exist_ok=True)
    loader.write_bytes(elf("aarch64", tail=b"\0musl libc (aarch64)\0\0001.2.5\0"))
    variables = {**sample.recorded(), "EXT_SUFFIX": suffix, "MULTIARCH": "aarch64-linux-musl"}
    files = (
        write(alone, details(abi__extension_suffix=suffix)),
        write(alone.with_name("_sysconfig_vars_.json"), variables),
    )
    for file in files:
        host = describe_host(str(file), sysroot=sample.root)
        assert (host.platform.libc_version, host.origin["libc"]) == ((1, 2), str(loader))
        assert "libc" not in describe_host(str(file)).origin


@pytest.mark.parametrize("place", ["include", "include/python3.14"])
def test_headers_beside_the_variables(sample: SamplePython, tmp_path: Path, place: str) -> None:
    include = headers(tmp_path / "alone" / place)
    path = Path(shutil.copy(sample.sysconfigdata, tmp_path / "alone"))
    host = whole(path)
    assert (host.headers, host.python_version, host.pyconfig) == (include, (3, 14, 4), PYCONFIG.format(size=8))
    assert (host.prefix, host.sysroot, host.synthesised) == (None, None, False)


def test_headers_in_the_sysroot_where_the_variables_say(sample: SamplePython, tmp_path: Path) -> None:
    host = whole(lone(sample, tmp_path / "alone"), sysroot=sample.root)
    assert (host.headers, host.sysroot) == (sample.include, sample.root)


def test_recorded_headers_are_not_looked_for_on_this_machine(sample: SamplePython, tmp_path: Path) -> None:
    here = headers(tmp_path / "here")
    sample.variables["INCLUDEPY"] = str(here)
    assert partial(lone(sample.install(), tmp_path / "alone")).headers is None


@pytest.mark.parametrize(("change", "why"), [({"minor": 13}, "contradicts itself"), ({"size": 4}, "another machine")])
def test_headers_of_another_python_beside_variables(
    sample: SamplePython, tmp_path: Path, change: dict[str, int], why: str
) -> None:
    given = headers(tmp_path / "given", **change)
    path = lone(sample, tmp_path / "alone")
    assert why in fault(path, request=HostRequest(headers=given))


def test_variables_in_their_standard_library_mean_the_installed_python(sample: SamplePython) -> None:
    host = whole(sample.sysconfigdata)
    assert (host.prefix, host.sysroot, host.python_version) == (sample.home, sample.root, (3, 14, 4))


@pytest.mark.parametrize(
    ("variable", "why"),
    [
        ({"EXT_SUFFIX": None}, "EXT_SUFFIX is missing"),
        ({"VERSION": None}, "does not say which version"),
        ({"VERSION": "2.7"}, "does not say which version"),
        ({"MULTIARCH": "", "EXT_SUFFIX": ".so"}, "which machine"),
        ({"EXT_SUFFIX": ".cpython-39-aarch64-linux-gnu.so"}, "modules of this Python are called cpython-314"),
        ({"MULTIARCH": "aarch64-linux-gnu/x"}, "MULTIARCH is 'aarch64-linux-gnu/x'"),
        ({"SIZEOF_VOID_P": 4}, "its pointers have 4 bytes"),
    ],
)
def test_variables_that_leave_something_open(
    sample: SamplePython, tmp_path: Path, variable: dict[str, str | int | None], why: str
) -> None:
    sample.variables |= variable
    assert why in fault(lone(sample.install(), tmp_path / "alone"))


def test_variables_with_other_flags_than_asked_for(sample: SamplePython, tmp_path: Path) -> None:
    assert "'t' was asked for" in fault(lone(sample, tmp_path / "alone"), request=HostRequest(abi_flags="t"))


# -- JSON that is nothing of all this ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cannot be parsed as JSON"),
        (b'{"schema_version": "1.0", ', "cannot be parsed as JSON"),
        (b"\0\0\0\0", "cannot be parsed as JSON"),
        (b"\xff\xfe\xfa\xfb", "cannot be parsed as JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"abi": ' * 200_000, "nested too deeply"),
        (b"1" * 5000, "cannot be parsed as JSON"),
        (b"[]", "holds no JSON object"),
        (b'"text"', "holds no JSON object"),
        (b"null", "holds no JSON object"),
        (b"{}", "of no kind that is known"),
        (b'{"name": "package", "dependencies": {}}', "of no kind that is known"),
    ],
)
def test_no_host_at_all(alone: Path, content: bytes, why: str) -> None:
    alone.parent.mkdir()
    alone.write_bytes(content)
    text = fault(alone)
    assert why in text
    assert str(alone) in text


def test_a_file_out_of_all_reason(alone: Path) -> None:
    alone.parent.mkdir()
    with alone.open("wb") as file:
        file.truncate(1 << 40)
    assert "no file of its kind" in fault(alone)


def test_a_directory_and_a_link_in_circles(tmp_path: Path) -> None:
    (tmp_path / "board.json").mkdir()
    assert "not a regular file" in fault(tmp_path / "board.json")
    (tmp_path / "round.json").symlink_to("round.json")
    assert "round in circles" in fault(tmp_path / "round.json")


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x" * 100_000, 10**400, -1, {}, [[]], 1e308])
@pytest.mark.parametrize("key", ["base_prefix", "platform", "c_api__headers", "abi__extension_suffix", "abi__flags"])
def test_values_that_nobody_would_write(alone: Path, sample: SamplePython, key: str, value: object) -> None:
    write(alone, details(**{key: value}))
    with contextlib.suppress(HostError):
        assert describe_host(str(alone), sysroot=sample.root).platform.architecture.name == "aarch64"


# -- pyconfig.h of the variables ---------------------------------------------------------------------------------------


def test_the_pyconfig_that_variables_were_read_from() -> None:
    form = PYCONFIG.format(size=8) + (
        "\n/* What no machine changes. */\n#define _FILE_OFFSET_BITS 64\n"
        "\n/* Support tier (1, 2, 3 or 0 for unsupported) */\n#define PY_SUPPORT_TIER 1\n"
        "\n/* Have it. */\n#define HAVE_IT\n"
    )
    variables = {"HAVE_GETRANDOM": 0, "HAVE_ENDIAN_H": 1, "SIZEOF_VOID_P": 4, "PY_SUPPORT_TIER": 0}
    made = pyconfig_from_variables(form, variables, big_endian=True)
    lines = made.splitlines()
    assert {"/* #undef HAVE_GETRANDOM */", "#define HAVE_ENDIAN_H 1", "#define SIZEOF_VOID_P 4"} <= set(lines)
    assert {"#define _FILE_OFFSET_BITS 64", "#define PY_SUPPORT_TIER 0", "#define HAVE_IT"} <= set(lines)
    assert lines[lines.index("# ifndef WORDS_BIGENDIAN") + 1] == "#  define WORDS_BIGENDIAN 1"
