"""What uv and pip are told, so that they look where crossbuild looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.errors import UsageError
from crossbuild.index.settings import IndexSettings, environ_for_installers
from crossbuild.options.build_options import IndexOptions

if TYPE_CHECKING:
    from pathlib import Path


def told(environ: dict[str, str] | None = None, **options: Any) -> dict[str, str]:
    return {
        name: value for name, value in environ_for_installers(IndexOptions(**options), environ or {}).items() if value
    }


def test_pip_variables_reach_uv(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    environ = {
        "PIP_INDEX_URL": "https://a.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://b.example/simple https://c.example/simple",
        "PIP_FIND_LINKS": f"{tmp_path} https://d.example/",
        "PIP_TRUSTED_HOST": "e.example",
        "PIP_CERT": str(tmp_path / "ca.pem"),
    }
    variables = told(environ)
    assert variables["UV_DEFAULT_INDEX"] == variables["PIP_INDEX_URL"] == "https://a.example/simple"
    assert variables["UV_INDEX"] == "https://b.example/simple https://c.example/simple"
    assert variables["UV_FIND_LINKS"] == f"{tmp_path.as_uri()},https://d.example/"
    assert variables["UV_INSECURE_HOST"] == "e.example"
    assert variables["SSL_CERT_FILE"] == variables["PIP_CERT"] == str(tmp_path / "ca.pem")
    assert "PIP_NO_INDEX" not in variables


def test_uv_variables_reach_pip() -> None:
    variables = told({"UV_INDEX": "mine=https://a.example/simple", "UV_INDEX_URL": "https://b.example/simple"})
    assert variables["PIP_EXTRA_INDEX_URL"] == "https://a.example/simple"
    assert variables["PIP_INDEX_URL"] == variables["UV_DEFAULT_INDEX"] == "https://b.example/simple"
    assert "UV_INDEX_URL" not in variables


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"index_url": " "}, "is empty"),
        ({"extra_index_urls": ("https://a.example/simple", "")}, "is empty"),
        ({"find_links": ("",)}, "is empty"),
        ({"index_url": "https://a.example:port/simple"}, "port is not a number"),
        ({"index_url": "https://a.example:99999/simple"}, "port is not a number"),
        ({"index_url": "https://[::1/simple"}, "host is malformed"),
        ({"index_url": "https:///simple"}, "names no host"),
        ({"index_url": "ftp://a.example/simple"}, "'ftp'"),
        ({"index_url": "file://elsewhere/simple"}, "file on another machine, elsewhere"),
        ({"index_url": "pypi.example/simple"}, "pypi.example/simple does not exist"),
        ({"index_url": "~nobody-of-that-name/simple"}, "does not exist"),
        ({"extra_index_urls": ("javascript://a.example",)}, "'javascript'"),
        ({"find_links": ("https://a.example:port/",)}, "port is not a number"),
    ],
)
def test_places_that_cannot_be_meant(options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        told(**options)
    assert says in str(caught.value)


@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "UV_INDEX", "PIP_FIND_LINKS"])
def test_variables_that_cannot_be_meant(variable: str) -> None:
    with pytest.raises(UsageError, match="port is not a number"):
        told({variable: "https://a.example:port/simple"})


def test_an_index_of_uv_that_has_a_name_and_no_address() -> None:
    with pytest.raises(UsageError, match="is empty"):
        told({"UV_INDEX": "mine="})


def test_empty_variables_are_not_set() -> None:
    names = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_FIND_LINKS")
    assert told(dict.fromkeys(names, " ")) == told()


@pytest.mark.parametrize(
    "url",
    [
        "https://me:s3cret@a.example:port/",
        "https://me:s3cret@[::1/",
        "https://me:s3c/ret@a.example/",
        "https://me:s3@cret@a.example:port/",
        "ftp://me:s3cret@a.example/",
        "file://me:s3cret@a.example/",
    ],
)
def test_no_address_that_cannot_be_meant_shows_a_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        told(index_url=url)
    assert not any(part in str(caught.value) for part in ("s3", "cret", "ret@"))


def test_who_said_that_no_index_is_asked() -> None:
    settings = IndexSettings.from_options(IndexOptions(no_index=True), {})
    assert settings.places == "nowhere; --no-index is set"
    settings = IndexSettings.from_options(IndexOptions(), {"PIP_NO_INDEX": "1"})
    assert settings.places == "nowhere; PIP_NO_INDEX is set"


def test_a_directory_of_certificates(tmp_path: Path) -> None:
    assert told({"REQUESTS_CA_BUNDLE": str(tmp_path)})["SSL_CERT_DIR"] == str(tmp_path)


def test_without_an_index_and_offline() -> None:
    assert told({"PIP_NO_INDEX": "true"})["UV_DEFAULT_INDEX"].startswith("file:///nonexistent")
    variables = told(offline=True)
    assert variables["UV_OFFLINE"] == variables["PIP_NO_INDEX"] == "1"
