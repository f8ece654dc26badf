"""Keeping logins out of everything that people and files get to see."""

from __future__ import annotations

import re

_LOGIN = re.compile(
    r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<slashes>//|\\?/\\?/)
    (?P<login>[^\s/?\#'"<>]*                        # up to the last @ before the path
    |[^\s/?\#@:'"<>]+:(?!\d+/)[^\s@'"<>]*)@         # a password with a slash in it, which no port has before one
    """,
    re.VERBOSE,
)
_ACCOUNT = re.compile(r"(?:\w+\+)?ssh:[^:]*")
"""By ssh, a user without a password is an account's name and no secret, as ``git`` is."""


def redacted_text(text: str) -> str:
    """Return ``text`` without the logins of the URLs in it."""
    return _LOGIN.sub(_without_login, text) if "@" in text else text


def holds_login(text: str) -> bool:
    """Return whether a URL in ``text`` has a user or a password that is no account's name."""
    return redacted_text(text) != text


def without_login(url: str) -> str:
    """Return ``url`` as it is without user and password; the name of an account by ssh stays."""
    return _LOGIN.sub(_bare, url, count=1)


def _bare(found: re.Match[str]) -> str:
    shown = _without_login(found)
    return shown.removesuffix("****@")


def _without_login(found: re.Match[str]) -> str:
    scheme, login = found["scheme"], found["login"]
    if _ACCOUNT.fullmatch(f"{scheme}:{login}"):
        return found[0]
    return f"{scheme}:{found['slashes']}****@"
