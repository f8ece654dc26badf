"""``[tool.crossbuild]``: read where it is, and refused where it says what nobody understands."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crossbuild.errors import HostError, UsageError
from crossbuild.host.host_request import HostRequest
from crossbuild.options.build_options import BuildOptions
from crossbuild.options.configuration import Configuration
from crossbuild.options.environment_changes import EnvironmentChange, changed
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.toolchain.model import ToolchainRequest

TABLE = '[packages.LXML]\nsysroot-packages = ["libxml2-dev"]\n'
EVERYTHING = """
cache-max-size = "20G"
pass-env = ["LICENCE_SERVER"]

[hosts.pi]
host = "debian:bookworm:armhf"
python = "3.13t"
sysconfigdata = "pi/_sysconfigdata_t_linux_arm-linux-gnueabihf.py"
headers = "pi/include"
machine = "armv6l"
platform-tags = ["manylinux_2_28"]
config-vars = { CFLAGS = "-O3" }
env = ["A=b", "PATH:=/opt/x/bin"]
relative-toolchain = true
build-python = "pythons/python3.13t"
toolchain = "zig"
cc = "my-cc"
cxx = "my-c++"
ar = "my-ar"
fc = "my-fc"
sysroot = "debian:bookworm:armhf"
sysroot-packages = ["libffi-dev"]
auto-sysroot = true
emulate = "programs"
runner = "ssh://pi@board"
mirror = "https://example.org/debian"
keyring = "keys.gpg"
snapshot = "20260101T000000Z"

[packages.numpy]
config-settings = { setup-args = ["-Dblas=none"], builddir = "build" }
environment = { NPY_DEBUG = "1" }
build-requires = ["ninja>=1.11"]
host-requires = ["pythran"]
constraints = ["cython<3.2"]
sysroot-packages = ["libopenblas-dev"]
pass-env = ["BLAS_*"]
emulate = "never"
ignore = ["executable-stack"]
no-check = true
"""
REFUSED = [
    ("pass-env = 'LICENCE_SERVER'", "is not a list of texts"),
    ("cache-max-size = 'much'", "is not a size"),
    ("cache-max-size = 5", "is not a text"),
    ("[packages.lxml]\npass-env = ['A=b']", "is not a list of variables' names and patterns"),
    ("[packags.lxml]", "Did you mean packages?"),
    ("[packages.lxml]\nsysroot-package = []", "Did you mean sysroot-packages?"),
    ("[packages.lxml]\nsysroot-packages = 'libxml2-dev'", "is not a list of texts"),
    ("[packages.lxml]\nemulate = 'sometimes'", "is not one of never, auto, programs, python"),
    ("packages = 1", "packages in "),
    ("[packages]\nlxml = 1", "packages.lxml in "),
    ("[packages.lxml.environment]\nDEBUG = 1", "is not a table of texts"),
    ("[packages.lxml.config-settings]\nfast = true", 'fast = "true"'),
    ("[packages.lxml.environment]\n'A=B' = 'x'", "is not a table of texts by variables"),
    ("[packages.lxml]\nbuild-requires = [1]", "is not a list of texts"),
    ("[hosts.pi]", "host of hosts.pi"),
    ("[hosts.pi]\nhost = 1", "is not a text"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\npython = 3.11", "is not a text"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\npython = '3'", "is not X.Y"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\nauto-sysroot = 'yes'", "is not true or false"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\ntolchain = 'zig'", "Did you mean toolchain?"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\nmirror = 1", "is not a text or a list of texts"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\nmirror = ['a', 1]", "is not a text or a list of texts"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\nenv = ['A']", "is not a list of changes"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\nconfig-vars = { CFLAGS = 1 }", "is not a table of texts"),
    ("[hosts.pi]\nhost = 'linux_armv7l'\npython = '3.13x'", "is not X.Y"),
    ("[hosts.linux_armv7l]\nhost = 'linux_armv7l'", "takes for a tag"),
    ("[hosts.manylinux_2_28_arm46]\nhost = 'linux_armv7l'", "takes for a tag"),
    ("[hosts.'a:b:c']\nhost = 'linux_armv7l'", "takes for a tag, a path or a release"),
    ("[hosts.'./pi']\nhost = 'linux_armv7l'", "takes for a tag, a path"),
]
SCHEMA = json.loads(files("crossbuild.options").joinpath("crossbuild.schema.json").read_text())


def read(text: str, directory: Path) -> Configuration:
    (directory / "crossbuild.toml").write_text(text)
    return Configuration.from_directory(directory)


def test_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.crossbuild.packages.lxml]\nsysroot-packages = []\n")
    assert read(TABLE, tmp_path).of("lxml").sysroot_packages == ("libxml2-dev",)


def test_in_the_projects(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE.replace("[", "[tool.crossbuild.", 1))
    assert Configuration.from_directory(tmp_path).of("LXML").sysroot_packages == ("libxml2-dev",)


def test_nowhere(tmp_path: Path) -> None:
    assert Configuration.from_directory(tmp_path).of("lxml").sysroot_packages == ()


def test_a_file_of_others(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 1")
    assert Configuration.from_directory(tmp_path) == Configuration()


def test_paths_start_at_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path)
    text = "[hosts.pi]\nhost = 'image'\ntoolchain = 'x/bin/arm-'\ncc = 'x/gcc -O2'\nar = 'ar'\nmirror = 'archive'\n"
    pi = read(text, Path("project")).hosts["pi"]
    at = tmp_path / "project"
    assert (pi.host, pi.sysroot_source.mirror) == (f"{at}/image", f"copy:{at}/archive")
    assert pi.toolchain == ToolchainRequest(choice=f"{at}/x/bin/arm-", cc=f"{at}/x/gcc -O2", ar="ar")


def test_several_mirrors(tmp_path: Path) -> None:
    text = (
        "[hosts.pi]\nhost = 'image'\nmirror = ['https://example.org/debian', 'archive', 'https://example.org/debian']\n"
    )
    source = read(text, tmp_path).hosts["pi"].sysroot_source
    assert source.mirrors == ("https://example.org/debian", f"copy:{tmp_path}/archive")


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    told = read(EVERYTHING, tmp_path)
    numpy, pi = told.of("numpy"), told.hosts["pi"]
    assert numpy.config_settings == {"setup-args": ["-Dblas=none"], "builddir": "build"}
    assert (numpy.environment, numpy.sysroot_packages) == ({"NPY_DEBUG": "1"}, ("libopenblas-dev",))
    assert (numpy.build_requires, numpy.host_requires) == (("ninja>=1.11",), ("pythran",))
    assert numpy.constraints == ("cython<3.2",)
    assert (pi.host, pi.python, pi.auto_sysroot) == ("debian:bookworm:armhf", (3, 13), True)
    assert pi.build_python == tmp_path / "pythons/python3.13t"
    assert pi.host_request == HostRequest(
        abi_flags="t",
        sysconfigdata=tmp_path / "pi/_sysconfigdata_t_linux_arm-linux-gnueabihf.py",
        headers=tmp_path / "pi/include",
        machine="armv6l",
        platform_tags=("manylinux_2_28",),
        config_vars={"CFLAGS": "-O3"},
    )
    assert pi.environment_changes == tuple(map(EnvironmentChange.from_text, ("A=b", "PATH:=/opt/x/bin")))
    compilers = {"cc": "my-cc", "cxx": "my-c++", "ar": "my-ar", "fc": "my-fc"}
    assert pi.toolchain == ToolchainRequest(choice="zig", relative=True, **compilers)
    assert pi.sysroot == SysrootName.from_text("debian:bookworm:armhf")
    assert (pi.sysroot_source.keyring, pi.sysroot_source.snapshot) == (tmp_path / "keys.gpg", "20260101T000000Z")


@pytest.mark.parametrize(("text", "fact"), REFUSED)
def test_what_cannot_be_meant(text: str, fact: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(text, tmp_path)
    assert fact in str(caught.value)
    assert "crossbuild.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("[packages", "cannot be read"),
        ("[packages.a]\nconstraints = ['=']", "'='"),
        ("[hosts.pi]\nhost = 'a'\nsysroot = 'debian:bookworm:arm46'", "sysroot of hosts.pi"),
        ("[hosts.pi]\nhost = 'a'\ncc = \"it's\"", "is not a command"),
    ],
)
def test_what_no_schema_sees(text: str, fact: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(text, tmp_path)
    assert fact in str(caught.value)


# --- The schema ----------------------------------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", ["", TABLE, EVERYTHING])
def test_the_schema_takes_what_is_read(text: str, tmp_path: Path) -> None:
    read(text, tmp_path)
    Draft202012Validator(SCHEMA).validate(tomllib.loads(text))


@pytest.mark.parametrize("text", [text for text, _ in REFUSED])
def test_the_schema_refuses_what_is_refused(text: str) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(tomllib.loads(text))


def test_the_schema_knows_every_key_and_no_other() -> None:
    told = tomllib.loads(EVERYTHING)
    keys = {kind: set(SCHEMA["$defs"][kind]["properties"]) for kind in ("host", "package")}
    assert keys == {"host": set(told["hosts"]["pi"]), "package": set(told["packages"]["numpy"])}
    assert set(SCHEMA["properties"]) == {*told, "build-backend", "backend-path"}


# --- Whose word counts ---------------------------------------------------------------------------------------------


def test_the_users_word_counts_more_than_the_projects(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = read(
        "[packages.a]\nconstraints = ['x<1']\nenvironment = { A = 'project', B = 'project' }\n"
        "[packages.b]\nconstraints = ['y<1']\n",
        tmp_path / "project",
    )
    users = read("[packages.A]\nenvironment = { A = 'user' }\nbuild-requires = ['z']", tmp_path)
    both = users.over(project)
    assert both.of("a").environment == {"A": "user", "B": "project"}
    assert (both.of("a").constraints, both.of("a").build_requires) == (("x<1",), ("z",))
    assert both.of("b").constraints == ("y<1",)


def test_variables_that_are_passed_add_up(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = read("pass-env = ['P']\n[packages.a]\npass-env = ['P_A']", tmp_path / "project")
    both = read("pass-env = ['U']\n[packages.a]\npass-env = ['U_A']", tmp_path).over(project)
    assert set(both.of("a").pass_env) == {"P", "P_A", "U", "U_A"}
    assert set(both.of("b").pass_env) == {"P", "U"}
    assert both.of("a").pass_env.count("U") == 1
    assert project.as_foreign.of("a").pass_env == ()


def options(tmp_path: Path, host: str, **given: Any) -> BuildOptions:
    text = (
        '[hosts.pi]\nhost = "roots/pi"\ntoolchain = "zig"\nfc = "my-fc"\nsysroot-packages = ["liba"]\npython = "3.11"\n'
    )
    return BuildOptions(host=host, configuration=read(text, tmp_path), **given).with_named_host()


def test_a_host_by_its_name(tmp_path: Path) -> None:
    named = options(tmp_path, "pi")
    assert named.host == str(tmp_path / "roots/pi")
    assert (named.python, named.toolchain) == ((3, 11), ToolchainRequest(choice="zig", fc="my-fc"))
    assert named.sysroot_packages == ("liba",)


def test_the_command_line_counts_more_than_the_named_host(tmp_path: Path) -> None:
    request = ToolchainRequest(choice="gnu", cc="my-cc")
    named = options(tmp_path, "pi", toolchain=request, python=(3, 12), sysroot_packages=("libb",))
    assert (named.python, named.sysroot_packages) == ((3, 12), ("liba", "libb"))
    assert named.toolchain == request, "one that is chosen brings its own Fortran compiler"


def test_what_the_command_line_leaves_open_is_the_named_hosts(tmp_path: Path) -> None:
    named = options(tmp_path, "pi", toolchain=ToolchainRequest(cc="my-cc"))
    assert named.toolchain == ToolchainRequest(choice="zig", cc="my-cc", fc="my-fc")


@pytest.mark.parametrize(("given", "used"), [("auto", "programs"), ("never", "never"), ("python", "python")])
def test_the_named_host_says_what_is_emulated_unless_the_command_line_does(
    given: str, used: str, tmp_path: Path
) -> None:
    told = read("[hosts.pi]\nhost = 'roots/pi'\nemulate = 'programs'\n", tmp_path)
    assert BuildOptions(host="pi", configuration=told, emulate=given).with_named_host().emulate == used


def test_auto_undoes_the_toolchain_of_the_named_host(tmp_path: Path) -> None:
    assert options(tmp_path, "pi", toolchain=ToolchainRequest(choice="auto")).toolchain == ToolchainRequest(
        choice="auto"
    )


def test_what_is_known_better_of_the_named_host(tmp_path: Path) -> None:
    text = (
        "[hosts.pi]\nhost = 'roots/pi'\npython = '3.13t'\nmachine = 'armv6l'\nplatform-tags = ['linux']\n"
        "env = ['A=b']\nconfig-vars = { A = 'pi', B = 'pi' }\n"
    )
    told = read(text, tmp_path)
    request = HostRequest(platform_tags=("manylinux_2_28",), config_vars={"A": "own"})
    change = EnvironmentChange.from_text("A+=c")
    named = BuildOptions(host="pi", configuration=told, host_request=request, environment_changes=(change,))
    merged = named.with_named_host()
    assert merged.host_request == HostRequest(
        abi_flags="t", machine="armv6l", platform_tags=("manylinux_2_28",), config_vars={"A": "own", "B": "pi"}
    )
    assert changed({}, merged.environment_changes) == {"A": "bc"}
    other = replace(named, python=(3, 12)).with_named_host()
    assert (other.python, other.host_request.abi_flags) == ((3, 12), None), "the flags belong to the version"


@pytest.mark.parametrize("host", ["pi", "linux_aarch64"])
def test_compilers_given_as_build_variables(host: str, tmp_path: Path) -> None:
    given = HostRequest(config_vars={"CC": "own-cc -a", "CXX": "own-c++", "AR": "own-ar", "CFLAGS": "-b"})
    text = "[hosts.pi]\nhost = 'roots/pi'\n"
    wanted = BuildOptions(host=host, configuration=read(text, tmp_path), host_request=given)
    assert wanted.with_named_host().toolchain == ToolchainRequest(cc="own-cc -a", cxx="own-c++", ar="own-ar")
    chosen = replace(wanted, toolchain=ToolchainRequest(cc="my-cc"))
    assert chosen.with_named_host().toolchain == ToolchainRequest(cc="my-cc", cxx="own-c++", ar="own-ar")
    chosen = replace(wanted, toolchain=ToolchainRequest(choice="zig"))
    assert chosen.with_named_host().toolchain == ToolchainRequest(choice="zig")


def test_keys_for_the_archive_of_the_named_host(tmp_path: Path) -> None:
    archive = SourceRequest(mirror="https://example.org/debian", keyring=tmp_path / "old.gpg")
    assert SourceRequest(keyring=tmp_path / "k").over(archive) == replace(archive, keyring=tmp_path / "k")
    snapshot = SourceRequest(snapshot="20260101T000000Z")
    assert snapshot.over(archive) == snapshot


def test_what_is_no_name_is_left_alone(tmp_path: Path) -> None:
    assert options(tmp_path, "linux_armv7l").host == "linux_armv7l"


def test_a_misspelt_name(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="Did you mean pi"):
        options(tmp_path, "pie")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("[packages.lxml]\nsysroot-packages = ['-o=Dir::Etc=x']", "is not a list of packages"),
        ("[packages.lxml]\nbuild-requires = ['-r /etc/passwd']", "is not a list of requirements"),
        ('[packages.lxml]\nhost-requires = ["a @ https://x.example/\\u0000"]', "is not a list of requirements"),
        ('[packages.lxml]\nenvironment = {A = "\\u0000"}', "is not without null bytes"),
        ('[packages.lxml]\nenvironment = {"A\\u0000" = ""}', "is not without null bytes"),
        ("a = " + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_no_program_may_be_given(text: str, fact: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=fact):
        read(text, tmp_path)
