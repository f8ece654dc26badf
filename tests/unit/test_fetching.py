"""Where builds may look for distributions, and what tells them so."""

from __future__ import annotations

import json
import tomllib
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, RemoteDisconnected
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest

from crossbuild.building.build_venv import BuildVenv
from crossbuild.errors import RequirementsError
from crossbuild.index.index import Index
from crossbuild.index.index_access import Fetching, proxies_with_logins
from crossbuild.index.pip import run_pip
from crossbuild.index.server import served
from crossbuild.index.settings import IndexSettings
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.reporting import SilentReporter
from crossbuild.system.cache import Cache
from crossbuild.system.processes import Runner
from tests.canary import QUOTED, is_in, private_index
from tests.unit.index_server import serve

if TYPE_CHECKING:
    from pathlib import Path

SECRET, OPEN, LAST = "https://me:canary@a.org/simple", "https://b.org/simple", "https://c.org/simple"


def fetching(*extra: str, default: str = LAST, **more: Any) -> Fetching:
    return Fetching(settings=IndexSettings(default=default, extra=extra, **more))


@pytest.mark.parametrize(
    ("told", "indexes"),
    [
        (fetching(OPEN), (OPEN, LAST)),
        (fetching(SECRET), ()),
        (fetching(OPEN, SECRET), (OPEN,)),
        (fetching(OPEN, default=SECRET), (OPEN,)),
        (fetching(default=SECRET), ()),
        (fetching(default="https://canary@a.org/simple"), ()),
    ],
)
def test_hooks_get_no_index_after_one_with_a_password(told: Fetching, indexes: tuple[str, ...]) -> None:
    """The index with the password could have the project, so another must not give it."""
    hooks = told.for_hooks({})
    assert hooks.settings.indexes == indexes
    assert "canary" not in json.dumps(hooks.to_json()) + hooks.uv_configuration() + hooks.refusal
    assert "canary" not in json.dumps(hooks.pip_variables())
    assert Fetching.from_json(json.loads(json.dumps(hooks.to_json()))) == hooks


@pytest.mark.parametrize("secret", [SECRET, "https://a.org/links?token=canary"])
def test_a_place_with_links_and_a_password_is_left_out(secret: str) -> None:
    hooks = fetching(find_links=(secret, OPEN)).for_hooks({})
    assert hooks.settings.find_links == (OPEN,)
    assert hooks.settings.indexes == (LAST,)
    assert hooks.hint("ERROR: No matching distribution found for thing")


@pytest.mark.parametrize("variable", ["NETRC", "HOME"])
def test_a_password_in_netrc_counts(tmp_path: Path, variable: str) -> None:
    (tmp_path / ".netrc").write_text("machine b.org login me password canary\n")
    environ = {variable: str(tmp_path / ".netrc" if variable == "NETRC" else tmp_path)}
    assert fetching(OPEN).for_hooks(environ).settings.indexes == ()


def test_a_pip_that_nobody_watches_gets_one_index_or_none() -> None:
    assert fetching().pip_variables()["PIP_INDEX_URL"] == LAST
    several = fetching(OPEN).pip_variables()
    assert (several["PIP_NO_INDEX"], "PIP_INDEX_URL" in several) == ("1", False)
    assert several["PIP_CONFIG_FILE"] == "/dev/null"


def test_what_builds_fail_for_is_only_said_where_it_may_be_so() -> None:
    assert fetching(SECRET).for_hooks({}).hint("cc: error") == ""
    assert fetching(OPEN).for_hooks({}).hint("No matching distribution found for thing") == ""
    said = fetching(SECRET).for_hooks({}).hint("error: No solution found when resolving dependencies")
    assert "https://****@a.org/simple" in said
    assert "build-system.requires" in said


def test_uv_learns_of_a_proxy_that_builds_do_not() -> None:
    proxy = "http://me:canary@proxy:3128"
    told = Fetching(settings=IndexSettings(default=LAST), proxies=proxies_with_logins({"HTTPS_PROXY": proxy}))
    assert tomllib.loads(told.uv_configuration())["https-proxy"] == proxy
    assert "https-proxy" not in tomllib.loads(told.for_hooks({}).uv_configuration())
    assert proxies_with_logins({"ALL_PROXY": proxy, "https_proxy": "http://proxy"}) == {"http-proxy": proxy}


# --- One index for pip -----------------------------------------------------------------------------------------------


def test_pip_is_told_of_one_index_that_answers_as_the_first_that_knows_a_project(tmp_path: Path) -> None:
    with private_index() as private, serve() as public:
        private.server.add("thing-1.0.tar.gz", content=b"ours")
        public.add("thing-99.0.tar.gz", content=b"theirs")
        public.add("other-1.0.tar.gz", project="other", content=b"other")
        settings = IndexSettings(default=public.index, extra=(private.url,))
        told: list[str] = []
        with served(Index(settings=settings, cache=Cache(root=tmp_path)), told.append) as address:
            page = json.loads(get(f"{address}thing/"))
            assert [one["filename"] for one in page["files"]] == ["thing-1.0.tar.gz"]
            assert get(f"{address}thing/{page['files'][0]['url']}") == b"ours"
            assert get(f"{address}other/other-1.0.tar.gz") == b"other"
            assert not is_in(json.dumps(page).encode() + address.encode())
            for wrong in ("nothing/", "thing/thing-2.0.tar.gz", "../thing/"):
                assert get(f"{address}{wrong}") == b"404"
            private.server.login = "Basic other"
            assert get(f"{address}more/") == b"502"
        assert "401" in told[0]
        assert not is_in("".join(told).encode())
        assert [path for path in public.asked if "/thing" in path] == []


@pytest.mark.parametrize(
    ("error", "heard"),
    [(BrokenPipeError(), []), (KeyboardInterrupt(), []), (OSError(28, "No space"), ["OSError: [Errno 28] No space"])],
)
def test_no_answer_is_no_traceback(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: BaseException,
    heard: list[str],
) -> None:
    monkeypatch.setattr(Index, "list_all", Mock(side_effect=error))
    told: list[str] = []
    with (
        served(Index(settings=IndexSettings(default=LAST), cache=Cache(root=tmp_path)), told.append) as address,
        pytest.raises(RemoteDisconnected),
    ):
        get(f"{address}thing/")
    assert told == heard
    assert capfd.readouterr() == ("", "")


def get(url: str) -> bytes:
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc)
    with closing(connection):
        connection.request("GET", place.path)
        answer = connection.getresponse()
        return answer.read() if answer.status == HTTPStatus.OK else str(answer.status).encode()


def test_pip_sees_no_other_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"; env\n')
    python.chmod(0o755)
    places = ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "UV_INDEX_URL", "PIP_CONFIG_FILE", "PIP_PROXY")
    environ = {"PATH": "/usr/bin:/bin", **dict.fromkeys(places, "canary")}
    index = Index(settings=IndexSettings(default=SECRET), cache=Cache(root=tmp_path / "cache"))
    assert run_pip(python, ["install", "thing"], index=index, environ=environ, tell=print) == 0
    said = capfd.readouterr().out
    assert "-m\npip\ninstall\nthing\n" in said
    assert "PIP_INDEX_URL=http://127.0.0.1:" in said
    assert "canary" not in said


# --- The venv --------------------------------------------------------------------------------------------------------


@pytest.fixture
def venv(tmp_path: Path) -> BuildVenv:
    configuration = fetching(f"https://me:{QUOTED}@a.org/simple").uv_configuration()
    return BuildVenv(
        build=BuildDirectory(path=tmp_path),
        runner=Runner(log=tmp_path / "log.txt", reporter=SilentReporter()),
        environ={"PATH": "/usr/bin:/bin"},
        uv_configuration=configuration,
        fetching={"PIP_NO_INDEX": "1", "UV_CONFIG_FILE": "/some/uv.toml"},
    )


def test_the_venv_shows_no_password(venv: BuildVenv) -> None:
    assert not is_in(repr(venv).encode())


@pytest.mark.parametrize("place", ["requirement", "constraint"])
def test_a_build_requirement_with_a_password_is_refused(venv: BuildVenv, tmp_path: Path, place: str) -> None:
    """Each program that fetches it, such as git, would show it on its command line."""
    text = f"thing @ git+https://me:{QUOTED}@a.org/thing"
    file = tmp_path / "constraints.txt"
    file.write_text(text if place == "constraint" else "")
    with pytest.raises(RequirementsError) as caught:
        venv.install([text] if place == "requirement" else ["thing"], [file])
    assert not is_in(str(caught.value).encode())
    assert "~/.netrc" in caught.value.fix
    assert not (tmp_path / "log.txt").exists()
