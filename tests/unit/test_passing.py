"""Which of the caller's variables a build sees, and which a wheel in the cache depends on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.options.passed_variables import NOT_FOR_BUILDS, TABLE, Passed, for_uv

if TYPE_CHECKING:
    from crossbuild.options.passed_variables import Row

PAGE = Path(__file__).parents[2] / "docs/reference/environment.md"
SECRET = [
    *("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "TWINE_PASSWORD", "CARGO_REGISTRY_TOKEN", "HATCH_INDEX_AUTH"),
    *("CARGO_REGISTRIES_OURS_TOKEN", "MATURIN_PYPI_TOKEN", "SCCACHE_REDIS_PASSWORD", "CMAKE_API_KEY", "FLIT_PASSWORD"),
    *("SCCACHE_AZURE_CONNECTION_STRING", "POETRY_DYNAMIC_VERSIONING_SECRET", "CARGO_HTTP_PROXY_PASSPHRASE"),
    *("CCACHE_REMOTE_CREDENTIALS", "SETUPTOOLS_apikey", "GIT_CONFIG_KEY_0"),
]
FOREIGN = [
    *("TMUX_PANE", "GITHUB_RUN_ID", "CI", "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "EDITOR", "PYTHONPATH"),
    *("PIP_INDEX_URL", "UV_INDEX_OURS_PASSWORD", "CROSSBUILD_HOST", "VIRTUAL_ENV", "OPENSSL_DIR", "BUILD_ID"),
]
PASSED = [
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "CFLAGS", "LDFLAGS", "FOO_CFLAGS", "FOO_LIBS", "CMAKE_ARGS", "MESON_X"),
    *("CMAKE_GENERATOR", "CARGO_PROFILE_RELEASE_LTO", "RUSTFLAGS", "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_THING"),
    *("HATCH_BUILD_HOOKS_ENABLE", "MATURIN_PEP517_ARGS", "PYO3_NO_PYTHON", "SKBUILD_CMAKE_ARGS", "NPY_BLAS_ORDER"),
    *("CYTHON_TRACE", "GIT_DIR", "CCACHE_DIR", "SCCACHE_BUCKET", "https_proxy", "NO_PROXY", "SSL_CERT_FILE"),
    *("SOURCE_DATE_EPOCH", "CC_FOR_BUILD", "ac_cv_func_malloc_0_nonnull", "CFLAGS_aarch64_unknown_linux_gnu"),
]


def passed(environ: dict[str, str], *patterns: str) -> Passed:
    return Passed.from_environ(environ, patterns)


@pytest.mark.parametrize("name", [*SECRET, *FOREIGN])
def test_what_a_build_has_no_use_for_is_withheld(name: str) -> None:
    told = passed({name: "canary"})
    assert (dict(told.host), dict(told.native), told.withheld) == ({}, {}, (name,))


@pytest.mark.parametrize("name", PASSED)
def test_what_tools_document_is_passed(name: str) -> None:
    told = passed({name: "value"})
    assert told.host == told.native == {name: "value"}
    assert told.withheld == ()


def test_what_is_of_this_machine_is_only_for_what_runs_here() -> None:
    told = passed({"CPATH": "/usr/local/include", "FC": "gfortran"})
    assert set(told.native) == {"CPATH", "FC"}
    assert (dict(told.host), told.withheld) == ({}, ("CPATH", "FC"))


def test_what_the_user_names_is_told_from_what_the_table_passes() -> None:
    assert passed({"CFLAGS": "-g", "PROJ_DIR": "/usr", "OTHER": "x", "CPATH": "/"}, "PROJ_*", "CPATH").named == {
        "PROJ_DIR": "/usr"
    }


@pytest.mark.parametrize("words", ["MINE OURS_*", "MINE,OURS_*", " OURS_*,  MINE "])
def test_the_user_names_more(words: str) -> None:
    environ = {"MINE": "1", "OURS_A": "2", "OTHERS": "3", "CROSSBUILD_PASS_ENV": words}
    assert set(passed(environ).host) == {"MINE", "OURS_A"}
    assert set(passed(environ, "OTHERS").host) == {"MINE", "OURS_A", "OTHERS"}


@pytest.mark.parametrize("name", SECRET)
def test_a_secret_is_passed_by_its_name_alone(name: str) -> None:
    beginning = f"{name[:4]}*"
    for pattern in ("*", beginning, f"*{name[3:]}", name.replace("_", "?")):
        if pattern != name:
            assert not passed({name: "canary"}, pattern).host
    assert passed({name: "canary"}, name).host == {name: "canary"}


@pytest.mark.parametrize("name", ["SETUPTOOLS_SCM_PRETEND_VERSION_FOR_TOKENIZERS", "CMAKE_KEYBOARD", "NPY_PASSES"])
def test_a_word_that_only_begins_like_a_secret_is_none(name: str) -> None:
    assert passed({name: "1"}, "*").host


def test_a_login_is_passed_by_a_name_alone() -> None:
    environ = {"HTTPS_PROXY": "http://me:canary@proxy:3128", "OUR_SERVER": "https://canary@example.org"}
    assert not passed(environ, "HTTPS*", "OUR_*").native
    assert passed(environ, "HTTPS_PROXY", "OUR_SERVER").host == environ


@pytest.mark.parametrize("name", sorted(NOT_FOR_BUILDS))
def test_what_leads_to_this_machine_is_not_passed_even_by_name(name: str) -> None:
    assert not passed({name: "/usr"}, name).host


@pytest.mark.parametrize("name", ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_INDEX_OURS_PASSWORD"])
def test_what_installers_are_told_is_not_passed_even_by_name(name: str) -> None:
    assert not passed({name: "canary"}, name, "*").native


def test_what_shells_set_is_not_worth_a_word() -> None:
    assert passed({"_": "x", "PWD": "/", "OLDPWD": "/", "SHLVL": "1"}).withheld == ()


# --- The cache -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *(
            "HOME",
            "TMPDIR",
            "TERM",
            "NO_COLOR",
            "https_proxy",
            "MAKEFLAGS",
            "CARGO_BUILD_JOBS",
            "CCACHE_DIR",
            "USER",
            "TZ",
        ),
        *("TMUX_PANE", "GITHUB_RUN_ID", "CARGO_HOME", "NPY_NUM_BUILD_JOBS", "CMAKE_BUILD_PARALLEL_LEVEL", "LINES"),
    ],
)
def test_no_wheel_depends_on_it(name: str) -> None:
    assert passed({name: "a"}).decisive == []


@pytest.mark.parametrize("flags", ["-j8", "w", "-j --jobserver-auth=fifo:/tmp/x", "-l4.5 -k"])
def test_a_wheel_depends_on_what_make_is_told_to_set_and_not_on_its_jobs(flags: str) -> None:
    assert passed({"MAKEFLAGS": flags}).decisive == []
    told = f"{flags} -- CFLAGS=-O3"
    assert passed({"MAKEFLAGS": told}).decisive == [("MAKEFLAGS", told)]


@pytest.mark.parametrize("name", ["PATH", "CFLAGS", "CMAKE_ARGS", "SOURCE_DATE_EPOCH", "CPATH", "RUSTFLAGS"])
def test_a_wheel_depends_on_it(name: str) -> None:
    assert passed({name: "a"}).decisive == [(name, "a")]


def test_a_wheel_depends_on_what_the_user_passes() -> None:
    assert passed({"MINE": "a"}, "MINE").decisive == [("MINE", "a")]


# --- What was missed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "output",
    [
        "  raise KeyError(key) from None\nKeyError: 'OURS'",
        "error: set MY_LICENCE to the address of the server",
        "CMake Error: environment variable ${MY_LICENCE} is not defined",
    ],
)
def test_a_build_that_missed_a_variable_says_how_to_pass_it(output: str) -> None:
    told = passed({"OURS": "1", "MY_LICENCE": "2", "CI": "1", "EDITOR": "vi"})
    name = "OURS" if "KeyError" in output else "MY_LICENCE"
    assert told.hint(output) == f"{name} is set but not passed to builds; to pass: CROSSBUILD_PASS_ENV={name}"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("setup.py", 'HOME = os.environ.get("MY_LICENCE")'),
        ("build_tools.py", 'os.getenv("OURS")'),
        ("native/CMakeLists.txt", "if(DEFINED ENV{MY_LICENCE})"),
        ("src/meson.build", "run_command('sh', '-c', 'echo $MY_LICENCE')"),
        ("crate/build.rs", 'std::env::var("MY_LICENCE")'),
    ],
)
def test_what_the_files_of_a_build_read_is_suggested(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    told = passed({"OURS": "1", "MY_LICENCE": "2", "OTHER_THING": "3"})
    name = "OURS" if "OURS" in text else "MY_LICENCE"
    assert told.hint("no licence", tmp_path).endswith(f"to pass: CROSSBUILD_PASS_ENV={name}")


def test_what_other_files_of_a_project_read_is_not(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text('os.environ["MY_LICENCE"]')
    (tmp_path / "setup.py").write_text("# an EDITOR would say MY_LICENCES")
    assert passed({"MY_LICENCE": "2", "EDITOR": "vi"}).hint("no licence", tmp_path) == ""


def test_two_that_were_missed() -> None:
    told = passed({"MY_A": "1", "MY_B": "2"})
    said = "MY_A, MY_B are set but not passed to builds; to pass: CROSSBUILD_PASS_ENV=MY_A,MY_B"
    assert told.hint("neither MY_A nor MY_B") == said


@pytest.mark.parametrize(
    "output", ["", "KeyError: 'OTHER'", "the CI, an EDITOR", "MY_LICENCES", "CPATH", "PIP_INDEX_URL"]
)
def test_what_nobody_missed_is_not_mentioned(output: str) -> None:
    environ = dict.fromkeys(("MY_LICENCE", "CI", "EDITOR", "CPATH", "PIP_INDEX_URL"), "1")
    assert passed(environ).hint(output) == ""


# --- uv ------------------------------------------------------------------------------------------------------------


def test_uv_keeps_its_settings_but_for_indexes_and_passwords() -> None:
    kept = {"UV_CACHE_DIR": "/cache", "UV_HTTP_TIMEOUT": "9", "UV_LINK_MODE": "copy", "NETRC": "/netrc"}
    others = ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_OURS_PASSWORD", "UV_PUBLISH_TOKEN", "UV_CONFIG_FILE")
    environ = {**kept, **dict.fromkeys(others, "x"), "UV_PYTHON_INSTALL_MIRROR": "https://me:canary@a", "OTHER": "x"}
    assert for_uv(environ) == kept


# --- The page ------------------------------------------------------------------------------------------------------


def row_of_page(row: Row) -> str:
    names = ", ".join(f"`{name}`" for name in row.names)
    return f"| {names} | {row.meaning} | {'yes' if row.decides else 'no'} |"


def test_the_page_has_the_table() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Variables that builds see")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if re.match(r"\| `", line)]
    assert rows == [row_of_page(row) for row in TABLE]
