"""What uv and pip are told, so that they look where crossbuild looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossbuild.options import IndexOptions
from crossbuild.sources.settings import environ_for_installers

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


def test_a_directory_of_certificates(tmp_path: Path) -> None:
    assert told({"REQUESTS_CA_BUNDLE": str(tmp_path)})["SSL_CERT_DIR"] == str(tmp_path)


def test_without_an_index_and_offline() -> None:
    assert told({"PIP_NO_INDEX": "true"})["UV_DEFAULT_INDEX"].startswith("file:///nonexistent")
    variables = told(offline=True)
    assert variables["UV_OFFLINE"] == variables["PIP_NO_INDEX"] == "1"
