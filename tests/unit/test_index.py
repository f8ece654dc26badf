from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from packaging.tags import cpython_tags
from packaging.version import Version

from crossbuild.errors import NetworkError, RequirementsError, SourceError, UsageError
from crossbuild.index.files import choose_wheel
from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.platforms.platform import Platform
from crossbuild.system.cache import Cache
from tests.unit.index_server import JSON_TYPE, make_sdist, serve
from tests.unit.sdist_choice import find_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.errors import CrossbuildError
    from crossbuild.index.index import Found
    from tests.unit.index_server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("crossbuild.index.connection._PAUSES", (0.0,))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.delenv("http_proxy", raising=False)


def find(
    tmp_path: Path,
    requirement: str,
    *,
    python: tuple[int, int, int] = (3, 11, 2),
    environ: dict[str, str] | None = None,
    **options: Any,
) -> Found:
    index = Index.from_options(IndexOptions(**options), environ=environ or {}, cache=Cache(root=tmp_path / "cache"))
    return find_sdist(index, requirement, python)


def refusal(tmp_path: Path, requirement: str, kind: type[CrossbuildError] = SourceError, **more: Any) -> str:
    with pytest.raises(kind) as caught:
        find(tmp_path, requirement, **more)
    return str(caught.value)


# --- Which wheel ---------------------------------------------------------------------------------------------------


def find_wheel(tmp_path: Path, server: Server, version: str, **options: Any) -> str | None:
    host = Platform.from_tag("manylinux_2_28_aarch64")
    tags = tuple(cpython_tags((3, 11), ["cp311"], host.installable_tags))
    options = {"index_url": server.index, **options}
    index = Index.from_options(IndexOptions(**options), environ={}, cache=Cache(root=tmp_path / "cache"))
    chosen = choose_wheel(index.list_all("thing"), Version(version), tags)
    return index.fetch("thing", chosen).path.name if chosen else None


def test_the_wheel_that_fits_the_host_best(tmp_path: Path, server: Server) -> None:
    for tag in (
        *("cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64", "cp311-cp311-manylinux_2_26_aarch64"),
        *("cp39-abi3-manylinux_2_28_aarch64", "cp311-cp311-manylinux_2_31_aarch64"),
        *("cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-musllinux_1_2_aarch64", "cp312-cp312-linux_aarch64"),
    ):
        server.add(f"thing-1.0-{tag}.whl")
    server.add("thing-1.1-cp39-abi3-manylinux2014_aarch64.whl")
    server.add("thing-1.2.tar.gz")
    assert find_wheel(tmp_path, server, "1.0") == "thing-1.0-cp311-cp311-manylinux_2_26_aarch64.whl"
    assert find_wheel(tmp_path, server, "1.1") == "thing-1.1-cp39-abi3-manylinux2014_aarch64.whl"
    assert find_wheel(tmp_path, server, "1.2") is None
    assert find_wheel(tmp_path, server, "1.1", offline=True) == "thing-1.1-cp39-abi3-manylinux2014_aarch64.whl"
    assert find_wheel(tmp_path, server, "1.0.0") == "thing-1.0-cp311-cp311-manylinux_2_26_aarch64.whl"


# --- Which sdist ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requirement", "python", "version"),
    [
        ("thing", (3, 11, 2), "1.2"),
        ("THING", (3, 11, 2), "1.2"),
        ("thing[extra]", (3, 11, 2), "1.2"),
        ("thing", (3, 13, 0), "1.3"),
        ("thing", (3, 11, 9), "1.2.1"),
        ("thing<1.1", (3, 11, 2), "1.0"),
        ("thing==1.1", (3, 11, 2), "1.1"),
        ("thing>=2rc1", (3, 11, 2), "2.0rc1"),
        ("thing>1.9", (3, 11, 2), "2.0rc1"),
    ],
)
def test_the_newest_that_fits(
    tmp_path: Path, server: Server, requirement: str, python: tuple[int, int, int], version: str
) -> None:
    server.add("thing-1.0.tar.gz")
    server.add("thing-1.1.tar.gz", yanked="broken")
    server.add("thing-1.2.zip")
    server.add("thing-1.2.tar.gz")
    server.add("thing-1.2.1.tar.gz", requires_python=">=3.11.4")
    server.add("thing-1.3.tar.gz", requires_python=">=3.12")
    server.add("thing-1.4-py3-none-any.whl")
    server.add("thing-2.0rc1.tar.gz")
    found = find(tmp_path, requirement, python=python, index_url=server.index)
    assert found.version == version
    assert found.path.name == f"thing-{version}.tar.gz"
    assert found.sha256 == hashlib.sha256(b"sdist").hexdigest()


def test_an_index_in_html(tmp_path: Path, server: Server) -> None:
    good = hashlib.sha256(b"sdist").hexdigest()
    page = f'<a href="../../files/thing-1.0.tar.gz#sha256={good}" data-requires-python="&gt;=3.8">thing-1.0.tar.gz</a>'
    server.add("thing-1.0.tar.gz")
    server.pages["/simple/thing/"] = (200, "text/html", page.encode())
    assert find(tmp_path, "thing", index_url=server.index).version == "1.0"


def test_why_nothing_fits(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz", yanked=True)
    server.add("thing-1.1.tar.gz", requires_python=">=3.12")
    server.add("thing-1.2-py3-none-any.whl")
    text = refusal(tmp_path, "thing<2", index_url=server.index)
    assert "No sdist fits 'thing<2'." in text
    assert "1.0: yanked" in text
    assert "1.1: needs Python >=3.12; the host has 3.11.2" in text
    assert "1.2: only wheels" in text
    assert "1.2: does not fit >=4" in refusal(tmp_path, "thing>=4", index_url=server.index)
    server.add("thing-3.0.tar.gz")
    assert "There is thing 3.0." in refusal(tmp_path, "thing<2", RequirementsError, index_url=server.index)


def test_the_sdist_of_a_version(tmp_path: Path, server: Server) -> None:
    for name in ("thing-1.0.zip", "thing-1.0.tar.gz", "thing-1.1.tar.gz", "thing-1.2-py3-none-any.whl"):
        server.add(name)
    index = Index.from_options(IndexOptions(index_url=server.index), environ={}, cache=Cache(root=tmp_path / "cache"))
    names = {text: (found := index.find_sdist("thing", Version(text))) and found.path.name for text in ("1", "1.2")}
    assert names == {"1": "thing-1.0.tar.gz", "1.2": None}


def test_only_wheels(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0-py3-none-any.whl")
    server.add("thing-1.0-py2-none-any.whl")
    text = refusal(tmp_path, "thing", index_url=server.index)
    assert "has no sdist, only wheels" in text
    assert "1.0: 2 wheels" in text


def test_no_such_project(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = refusal(tmp_path, "thing", index_url=server.index)
    assert "no project 'thing'" in text
    assert server.index in text
    (tmp_path / "thing").mkdir()
    assert "./thing" in refusal(tmp_path, "thing", index_url=server.index)


# --- Where from ----------------------------------------------------------------------------------------------------


def test_an_extra_index_is_not_shadowed_by_the_default_one(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz", root="/private")
    server.add("thing-9.9.tar.gz", root="/simple")
    server.add("other-2.0.tar.gz", root="/simple", project="other")
    private = f"{server.url}/private"
    places: dict[str, Any] = {"index_url": server.index, "extra_index_urls": (private,)}
    assert find(tmp_path, "thing", **places).version == "1.0"
    assert find(tmp_path, "other", **places).version == "2.0"


@pytest.mark.parametrize(
    "environ",
    [
        {"PIP_INDEX_URL": "{}"},
        {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "UV_DEFAULT_INDEX": "{}"},
        {"UV_INDEX_URL": "{}"},
        {"UV_INDEX": "{}", "PIP_INDEX_URL": "http://127.0.0.1:1"},
        {"UV_INDEX": "mine={}", "PIP_INDEX_URL": "http://127.0.0.1:1"},
        {"UV_EXTRA_INDEX_URL": "{}", "PIP_INDEX_URL": "http://127.0.0.1:1"},
        {"PIP_EXTRA_INDEX_URL": "{}/none {}", "PIP_INDEX_URL": "http://127.0.0.1:1"},
    ],
)
def test_the_variables_of_pip_and_uv(tmp_path: Path, server: Server, environ: dict[str, str]) -> None:
    server.add("thing-1.0.tar.gz")
    filled = {name: value.replace("{}", server.index) for name, value in environ.items()}
    assert find(tmp_path, "thing", environ=filled).version == "1.0"


def test_an_option_replaces_its_variable(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz")
    environ = {"PIP_INDEX_URL": "http://127.0.0.1:1", "PIP_NO_INDEX": "1"}
    assert find(tmp_path, "thing", environ=environ, index_url=server.index).version == "1.0"


@pytest.mark.parametrize("variable", ["PIP_FIND_LINKS", "UV_FIND_LINKS", "option"])
def test_local_links(tmp_path: Path, variable: str) -> None:
    links = tmp_path / "with space" if variable != "PIP_FIND_LINKS" else tmp_path / "links"
    links.mkdir()
    (links / "thing-1.0.tar.gz").write_bytes(b"sdist")
    (links / "other-1.0.tar.gz").write_bytes(b"sdist")
    environ = {"PIP_NO_INDEX": "1"} | ({variable: f"{links}"} if variable != "option" else {})
    options: dict[str, Any] = {"find_links": (str(links),)} if variable == "option" else {}
    found = find(tmp_path, "thing", environ=environ, **options)
    assert (found.version, found.path) == ("1.0", links / "thing-1.0.tar.gz")


def test_links_and_index_together_give_the_newest(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz")
    (tmp_path / "thing-0.9.tar.gz").touch()
    assert find(tmp_path, "thing", index_url=server.index, find_links=(str(tmp_path),)).version == "1.0"
    (tmp_path / "thing-1.1.tar.gz").touch()
    assert find(tmp_path, "thing", index_url=server.index, find_links=(str(tmp_path),)).version == "1.1"


def test_missing_links(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path, "thing", UsageError, find_links=(str(tmp_path / "none"),))
    environ = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "none")}
    assert "PIP_NO_INDEX" in refusal(tmp_path, "thing", environ=environ)


@pytest.mark.parametrize("how", ["in the URL", "uv's variables", "netrc"])
def test_credentials_are_sent_and_not_told(tmp_path: Path, server: Server, how: str) -> None:
    server.add("thing-1.0.tar.gz")
    address = server.index.removeprefix("http://")
    environ = {"PIP_INDEX_URL": f"http://{address}"}
    if how == "in the URL":
        environ = {"PIP_INDEX_URL": f"http://me:s3cret@{address}"}
    elif how == "uv's variables":
        environ = {
            "UV_INDEX": f"my-own=http://{address}",
            "UV_INDEX_MY_OWN_USERNAME": "me",
            "UV_INDEX_MY_OWN_PASSWORD": "s3cret",
        }
    else:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
    found = find(tmp_path, "thing", environ=environ)
    assert set(server.credentials) == {"Basic bWU6czNjcmV0"}
    assert "s3cret" not in found.url + (found.path.parent / "source.json").read_text()
    assert "s3cret" not in refusal(tmp_path, "nothing", environ=environ)
    server.pages["/simple/thing/"] = (401, "text/html", b"")
    text = refusal(tmp_path, "thing", NetworkError, environ=environ)
    assert "401" in text
    assert "s3cret" not in text


# --- What may go wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_an_index_out_of_order_is_not_passed_over(tmp_path: Path, server: Server, status: int) -> None:
    server.pages["/private/thing/"] = (status, "text/html", b"")
    server.add("thing-9.9.tar.gz")
    text = refusal(tmp_path, "thing", NetworkError, index_url=server.index, extra_index_urls=(f"{server.url}/private",))
    assert str(status) in text
    assert not server.downloads()


@pytest.mark.parametrize(("kind", "content"), [("application/pdf", b"%PDF"), (JSON_TYPE, b"{")])
def test_an_index_that_sends_something_else(tmp_path: Path, server: Server, kind: str, content: bytes) -> None:
    server.pages["/simple/thing/"] = (200, kind, content)
    assert f"{server.index}" in refusal(tmp_path, "thing", NetworkError, index_url=server.index)


def test_no_network(tmp_path: Path) -> None:
    assert "127.0.0.1:1" in refusal(tmp_path, "thing", NetworkError, index_url="http://127.0.0.1:1/simple")


def test_an_unencrypted_index_must_be_trusted(tmp_path: Path) -> None:
    options = {"index_url": "http://index.invalid/simple"}
    assert "PIP_TRUSTED_HOST" in refusal(tmp_path, "thing", UsageError, **options)
    assert "index.invalid" in refusal(
        tmp_path, "thing", NetworkError, environ={"PIP_TRUSTED_HOST": "index.invalid"}, **options
    )


def test_certificates_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    text = refusal(tmp_path, "thing", UsageError, environ={"PIP_CERT": str(tmp_path / "ca.pem")})
    assert "does not hold certificates" in text


def test_a_wrong_hash_leaves_nothing(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz", hashes={"sha256": "0" * 64})
    text = refusal(tmp_path, "thing", NetworkError, index_url=server.index)
    assert "does not match its hash" in text
    assert hashlib.sha256(b"sdist").hexdigest() in text
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_missing_file(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz")
    server.pages["/files/thing-1.0.tar.gz"] = (404, "text/html", b"")
    assert "404" in refusal(tmp_path, "thing", NetworkError, index_url=server.index)


# --- Cache and offline ---------------------------------------------------------------------------------------------


def test_a_second_run_downloads_nothing(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz")
    first = find(tmp_path, "thing", index_url=server.index)
    assert find(tmp_path, "thing", index_url=server.index) == first
    assert server.downloads() == ["/files/thing-1.0.tar.gz"]


def test_offline_takes_the_newest_of_the_cache(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0.tar.gz")
    server.add("thing-1.1.tar.gz", requires_python=">=3.10")
    for version in ("1.0", "1.1"):
        find(tmp_path, f"thing=={version}", index_url=server.index)
    server.add("thing-1.2.tar.gz")
    server.asked.clear()
    assert find(tmp_path, "thing", index_url=server.index, offline=True).version == "1.1"
    assert find(tmp_path, "thing", index_url=server.index, environ={"UV_OFFLINE": "1"}).version == "1.1"
    assert find(tmp_path, "thing", index_url=server.index, offline=True, python=(3, 9, 0)).version == "1.0"
    text = refusal(tmp_path, "thing>1.1", RequirementsError, index_url=server.index, offline=True)
    assert "There is thing 1.1, 1.0." in text
    assert "--offline forbids" in refusal(tmp_path, "other", NetworkError, index_url=server.index, offline=True)
    assert not server.asked


# --- Direct URLs ---------------------------------------------------------------------------------------------------


def test_a_direct_url(tmp_path: Path, server: Server) -> None:
    content = make_sdist()
    server.add("thing-1.0.tar.gz", content=content)
    url = f"{server.url}/files/thing-1.0.tar.gz"
    good, bad = (f"thing @ {url}#sha256={digest}" for digest in (hashlib.sha256(content).hexdigest(), "0" * 64))
    assert "--offline forbids" in refusal(tmp_path, good, NetworkError, offline=True)
    assert "does not match its hash" in refusal(tmp_path, bad, NetworkError)
    found = find(tmp_path, good)
    assert (found.version, found.url) == ("1.0", url)
    assert find(tmp_path, good, offline=True) == found
    assert find(tmp_path, f"thing @ {url}").version == "1.0"
    assert find(tmp_path, f"thing @ {found.path.as_uri()}").path == found.path


def test_direct_urls_that_cannot_be_meant(tmp_path: Path) -> None:
    assert "not encrypted" in refusal(tmp_path, "thing @ http://x.invalid/thing-1.0.tar.gz", UsageError)
    assert "does not exist" in refusal(tmp_path, "thing @ file:///nonexistent/thing-1.0.tar.gz")
    for address, fault in (
        ("file://elsewhere/thing-1.0.tar.gz", "file on another machine"),
        ("https://x.invalid:port/thing-1.0.tar.gz", "port is not a number"),
        ("https://[::1/thing-1.0.tar.gz", "host is malformed"),
        ("ftp://x.invalid/thing-1.0.tar.gz", "'ftp'"),
        ("https:///thing-1.0.tar.gz", "names no host"),
        ("https://x.invalid/thing-1.0-any.tar.gz.whl", "not a valid name of a wheel"),
        ("https://x.invalid/thing-1.0%00.tar.gz", "cannot be the name of a file"),
        (f"https://x.invalid/thing-1.0+{'x' * 255}.tar.gz", "cannot be the name of a file"),
    ):
        assert fault in refusal(tmp_path, f"thing @ {address}", UsageError)


def test_an_sdist_whose_name_has_no_version(tmp_path: Path, server: Server) -> None:
    server.add("thing-1.0junk~.tar.gz", content=make_sdist())
    assert not find(tmp_path, f"thing @ {server.url}/files/thing-1.0junk~.tar.gz").version
