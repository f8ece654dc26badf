"""Where builds look for packages: uv, which may know every password, and hooks, which get none.

Source: uv's reference of settings (``[[index]]``: the first index that knows a project decides).
"""

from __future__ import annotations

import netrc
import re
from dataclasses import asdict, dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from crossbuild.index.settings import NO_INDEX, IndexSettings, authority_variables, netrc_file, uv_variables
from crossbuild.redaction import holds_login, holds_secret, redacted_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_ONLY_OPEN = "builds get no index that needs a password"
_NOT_FOUND = re.compile(
    rf"{_ONLY_OPEN}|No matching distribution|Could not find a version|No solution found|not found in the package "
    r"registry|no versions of|DistributionNotFound|40[13] Client Error"
)
"""What pip, uv and setuptools say of a project that they do not find."""


@dataclass(frozen=True, kw_only=True)
class Fetching:
    """Places of distributions, and those that hooks are not told."""

    settings: IndexSettings = field(repr=False)
    refused: tuple[str, ...] = ()
    """The places that need a password, without it."""
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Proxies that need a password, by uv's names for the settings; builds are not told."""

    def for_hooks(self, environ: Mapping[str, str]) -> Self:
        """Return the places for hooks: none that needs a password, and no index after one that does.

        Without the first, one of those could give another project of that name. ``environ`` leads to ``netrc``.
        """
        logins = _hosts_with_logins(environ)
        secret = [url for url in (*self.settings.indexes, *self.settings.find_links) if _needs_login(url, logins)]
        open_ones = list(takewhile(lambda url: url not in secret, self.settings.indexes))
        has_default = len(open_ones) == len(self.settings.indexes) and bool(self.settings.default)
        settings = replace(
            self.settings,
            default=open_ones.pop() if has_default else "",
            extra=tuple(open_ones),
            find_links=tuple(url for url in self.settings.find_links if url not in secret),
        )
        return replace(self, settings=settings, refused=tuple(map(redacted_text, secret)), proxies={})

    def uv_configuration(self) -> str:
        """Return a ``uv.toml`` with the places."""
        import tomli_w

        settings = self.settings
        default = {"url": settings.default or NO_INDEX, "default": True}
        return tomli_w.dumps(
            {
                **self.proxies,
                "offline": bool(settings.offline),
                "find-links": list(settings.find_links),
                "allow-insecure-host": list(settings.trusted_hosts),
                "index": [*({"url": url} for url in settings.extra), default],
            }
        )

    def pip_variables(self) -> dict[str, str]:
        """Return what makes a pip look there that nobody watches: at one index, since it would mix several."""
        settings, indexes = self.settings, self.settings.indexes
        one = len(indexes) == 1 and not settings.offline
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_FIND_LINKS": " ".join(settings.find_links),
            **({"PIP_INDEX_URL": indexes[0]} if one else {"PIP_NO_INDEX": "1"}),
            **authority_variables(settings),
        }

    def download_variables(self) -> dict[str, str]:
        """Return what makes a uv look there; if hooks are not told of all places, it only looks into its cache."""
        offline = {"UV_OFFLINE": "1"} if self.refused else {}
        return {**uv_variables(self.settings), **authority_variables(self.settings), **offline}

    def hint(self, output: str) -> str:
        """Return a hint if the ``output`` of a failed hook shows that it looked for a package."""
        return self.refusal if self.refused and _NOT_FOUND.search(output) else ""

    @property
    def refusal(self) -> str:
        """Says that hooks get no index with a password, and what to do instead."""
        return (
            f"If the build fetches something itself: {_ONLY_OPEN} ({', '.join(self.refused)}), nor any after it. "
            "List what it fetches in build-system.requires of its pyproject.toml, or in build-requires of "
            "[packages.NAME] in crossbuild.toml."
        )

    def to_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` reads."""
        authorities = self.settings.authorities
        facts = {**asdict(self.settings), "authorities": str(authorities) if authorities else None}
        return {"settings": facts, "refused": self.refused}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` returned."""
        settings: dict[str, Any] = {
            name: tuple(one) if isinstance(one, list) else one for name, one in facts["settings"].items()
        }
        if settings["authorities"]:
            settings["authorities"] = Path(settings["authorities"])
        return cls(settings=IndexSettings(**settings), refused=tuple(facts["refused"]))


def proxies_with_logins(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the proxies of ``environ`` that need a password, by the names of uv's settings."""
    found = {}
    for kind in ("http", "https"):
        names = (f"{kind}_proxy", f"{kind}_proxy".upper(), "all_proxy", "ALL_PROXY")
        proxy = next((environ[name] for name in names if environ.get(name)), "")
        if holds_login(proxy):
            found[f"{kind}-proxy"] = proxy
    return found


def _needs_login(url: str, hosts: set[str]) -> bool:
    return holds_secret(url) or urlsplit(url).hostname in hosts


def _hosts_with_logins(environ: Mapping[str, str]) -> set[str]:
    """Return the hosts of the user's ``netrc``."""
    try:
        # The entry "default" is for all hosts, so it does not say which of them are private.
        return set(netrc.netrc(netrc_file(environ)).hosts) - {"default"}
    except (OSError, ValueError, netrc.NetrcParseError):
        return set()
