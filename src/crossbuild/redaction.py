"""Keep logins out of all messages and files."""

from __future__ import annotations

import re

# Each pattern says how long its parts can be: builds print lines of any length, which are to take no time.
_LOGIN = re.compile(
    r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}):(?P<slashes>//|\\?/\\?/)
    (?P<login>[^\s/?\#'"<>]*                        # up to the last @ before the path
    |[^\s/?\#@:'"<>]+:(?!\d+/)[^\s@]{0,500}+)@       # a password with a slash in it, which no port has before one
    """,
    re.VERBOSE,
)
_BARE_LOGIN = re.compile(r"(?<![^\s'\"=(<])[^\s:/@'\"=(<]+:[^\s/@]{1,500}+@(?=[\w.-]+(:\d+)?/)")
"""A URL whose scheme was forgotten."""
_ACCOUNT = re.compile(r"(?:\w+\+)?ssh:[^:]*")
"""By ssh, a user without a password is an account's name and no secret, as ``git`` is."""
_PARAMETER = re.compile(
    r"(?P<name>[?&][\w.~%-]{0,100}(?:token|passw(?:or)?d|secret|signature|credential|api_?key|\bsig)[\w.~%-]{0,100}=)"
    r"[^&#\s'\"<>]+",
    re.IGNORECASE,
)
"""A parameter in a URL that is as good as a password."""
_HEADER = re.compile(r"(?P<name>\bAuthorization['\"]?\s*[:=,]\s*['\"]?(?:\w+ )?)[^\s'\",;]+", re.IGNORECASE)


def redacted_text(text: str) -> str:
    """Return ``text`` without the logins in its URLs, and without other secrets."""
    if "@" in text:
        text = _BARE_LOGIN.sub("****@", _LOGIN.sub(_without_login, text))
    if "=" in text:
        text = _PARAMETER.sub(r"\g<name>****", text)
    return _HEADER.sub(r"\g<name>****", text) if "uthorization" in text else text


def holds_login(text: str) -> bool:
    """Return whether a URL in ``text`` has a user or a password that is no account's name."""
    return _LOGIN.sub(_without_login, text) != text


def holds_secret(text: str) -> bool:
    """Return whether ``text`` has a login, or something else that is as good as a password."""
    return redacted_text(text) != text


def without_login(url: str) -> str:
    """Return ``url`` without user and password; the name of an account by ssh stays."""
    return _LOGIN.sub(_bare, url, count=1)


def _bare(found: re.Match[str]) -> str:
    shown = _without_login(found)
    return shown.removesuffix("****@")


def _without_login(found: re.Match[str]) -> str:
    scheme, login = found["scheme"], found["login"]
    if _ACCOUNT.fullmatch(f"{scheme}:{login}"):
        return found[0]
    return f"{scheme}:{found['slashes']}****@"
