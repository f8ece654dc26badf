"""Where distributions come from, as pip's and uv's users already say it.

Sources of the variables: pip's user guide ("Environment Variables": every option, words separated by spaces) and uv's
reference of environment variables. Configuration files of either tool are not read.
"""

from __future__ import annotations

import errno
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from crossbuild.errors import UsageError, system_failure
from crossbuild.system.documents import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crossbuild.options.build_options import IndexOptions

PYPI = "https://pypi.org/simple"
NO_INDEX = "file:///nonexistent"
"""uv has no variable for "no index"; an index that holds nothing comes to the same."""
_NAMED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)=(?P<url>.*)")
_BAD_HOST, _BAD_PORT = "its host is malformed", "its port is not a number from 0 to 65535"


@dataclass(frozen=True, kw_only=True)
class IndexSettings:
    """The indexes to ask and the places to look at."""

    default: str
    """The index that is asked last; empty where no index may be asked."""
    no_index_by: str = ""
    """What the user said, if no index may be asked."""
    extra: tuple[str, ...] = ()
    """The indexes that are asked before it, first come, first asked."""
    find_links: tuple[str, ...] = ()
    """URLs (of local directories, too) that list distributions of any project."""
    offline: str = ""
    """What forbids to use the network, as the user said it; empty if nothing does."""
    authorities: Path | None = None
    """A file or a directory of certificate authorities to trust, instead of the system's."""
    trusted_hosts: tuple[str, ...] = ()
    """Hosts, or ``host:port``, whose certificates are not checked and that may be asked without encryption."""

    @classmethod
    def from_options(cls, options: IndexOptions, environ: Mapping[str, str]) -> IndexSettings:
        """Join what the user and ``environ`` say; an option replaces the variables of the same meaning.

        Where both tools' variables say something, the default index is uv's; extra indexes and links add up.
        An empty variable says nothing. Raises UsageError for an empty option, an invalid URL, and a
        missing directory.
        """
        none = "--no-index" if options.no_index else ""
        # An index on the command line counts more than a variable that forbids them all.
        if not options.index_url and _is_true(environ.get("PIP_NO_INDEX", "")):
            none = none or "PIP_NO_INDEX"
        default = options.index_url or _first(environ, "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL") or PYPI
        extra = options.extra_index_urls or _words(environ, "UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL")
        check_netrc(environ)
        authorities = _first(environ, "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        return cls(
            default="" if none else _index(default, environ),
            no_index_by=none,
            extra=() if none else _unique(_index(text, environ) for text in extra),
            find_links=_find_links(options, environ),
            offline="--offline" if options.offline else "UV_OFFLINE" if _is_true(environ.get("UV_OFFLINE", "")) else "",
            authorities=Path(authorities) if authorities else None,
            trusted_hosts=_unique((*options.trusted_hosts, *_words(environ, "PIP_TRUSTED_HOST", "UV_INSECURE_HOST"))),
        )

    @property
    def indexes(self) -> tuple[str, ...]:
        """All indexes in the order they are asked."""
        return (*self.extra, self.default) if self.default else self.extra

    @property
    def places(self) -> str:
        """All that is looked at, for a message, without passwords."""
        places = ", ".join(redacted(url) for url in (*self.indexes, *self.find_links)) or "nowhere"
        return f"{places}; {self.no_index_by} is set" if self.no_index_by else places


def environ_for_installers(options: IndexOptions, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make uv and pip look where crossbuild looks; to be laid over ``environ``.

    pip cannot be told to keep off the network; offline, it is told to ask no index.
    """
    settings = IndexSettings.from_options(options, environ)
    variables = {
        **uv_variables(settings),
        "PIP_INDEX_URL": settings.default,
        "PIP_EXTRA_INDEX_URL": " ".join(settings.extra),
        "PIP_FIND_LINKS": " ".join(settings.find_links),
        "PIP_TRUSTED_HOST": " ".join(settings.trusted_hosts),
    }
    # Older names of uv's, which would add to the ones above.
    variables |= {name: "" for name in ("UV_INDEX_URL", "UV_EXTRA_INDEX_URL") if name in environ}
    if settings.offline or not settings.default:
        variables["PIP_NO_INDEX"] = "1"
    return variables | authority_variables(settings)


def uv_variables(settings: IndexSettings) -> dict[str, str]:
    """Return the variables that make uv use these places."""
    return {
        "UV_DEFAULT_INDEX": settings.default or NO_INDEX,
        "UV_INDEX": " ".join(settings.extra),
        "UV_FIND_LINKS": ",".join(settings.find_links),  # the only one of these that uv does not split at blanks
        "UV_INSECURE_HOST": " ".join(settings.trusted_hosts),
        **({"UV_OFFLINE": "1"} if settings.offline else {}),
    }


def authority_variables(settings: IndexSettings) -> dict[str, str]:
    """Return the variables that name the authorities of certificates, if the user does."""
    if not settings.authorities:
        return {}
    place = str(settings.authorities)
    return {"PIP_CERT": place, ("SSL_CERT_DIR" if settings.authorities.is_dir() else "SSL_CERT_FILE"): place}


def redacted(url: str) -> str:
    """Return ``url`` without user, password and fragment, fit for a message or a file.

    The user alone stays where it is an account's name and no secret, as ``git`` of repositories by ssh (PEP 610).
    """
    url = url if url.isprintable() else ascii(url)[1:-1]
    fault = url_fault(url)
    if fault == _BAD_HOST or (fault == _BAD_PORT and not urlsplit(url).scheme.endswith("ssh")):
        # A password with a slash, perhaps: it ends at the last @ at the latest.
        return re.sub(r"//.*@", "//****@", url.partition("#")[0])
    parts = urlsplit(url)
    user, has_user, host = parts.netloc.rpartition("@")
    if parts.scheme in {"ssh", "git+ssh", "hg+ssh", "svn+ssh", "bzr+ssh"} and ":" not in user:
        return urlunsplit((*parts[:4], ""))
    return urlunsplit((parts.scheme, f"****@{host}" if has_user else host, parts.path, parts.query, ""))


def url_fault(url: str) -> str:
    """Return why ``url`` cannot be used; empty if it can."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _BAD_HOST
    try:
        _ = parts.port  # read only when it is asked for
    except ValueError:
        return _BAD_PORT
    if parts.scheme not in {"http", "https", "file"}:
        return f"its scheme is {parts.scheme!r}, not https, http or file"
    if parts.scheme != "file":
        return "" if parts.hostname else "it names no host"
    if parts.netloc not in {"", "localhost"}:
        return f"it is a file on another machine, {parts.hostname}"
    return "it has a null byte" if "%00" in parts.path else ""


def netrc_file(environ: Mapping[str, str]) -> Path:
    """Return the file with the user's logins, which need not be there."""
    return Path(environ.get("NETRC") or Path(environ.get("HOME") or "/", ".netrc"))


def check_netrc(environ: Mapping[str, str]) -> None:
    """Raise UsageError if the user's ``netrc`` has no end, or can be read only once; all that fetch read it."""
    file, why = netrc_file(environ), ""
    try:
        why = "It is a pipe, which only one program could read." if file.is_fifo() else ""
        if not why:
            read_text(file)
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            raise system_failure(error, file) from None
    except ValueError as error:
        why = str(error)
    if why:
        raise UsageError(f"The netrc file {file} cannot be read.", why=why, fix="Name a regular file with NETRC.")


def check_url(url: str, *, is_repository: bool = False) -> None:
    """Raise UsageError if nothing can be fetched from ``url``, which the user gave.

    The program that fetches a repository reports most of its problems.
    """
    fault = url_fault(url)
    if fault and (fault == _BAD_HOST or not is_repository):
        raise UsageError(f"The address {redacted(url)} cannot be used: {fault}.", fix="Correct it.")


def file_of_url(url: str) -> Path:
    """Return the path that a ``file:`` URL without faults has."""
    return Path(unquote(urlsplit(url).path))


def expanded(text: str) -> Path:
    """Return the path that ``text`` means, with the home directory for ``~``, if there is one."""
    path = Path(text)
    with suppress(RuntimeError):
        # There is no user of that name, and perhaps a directory.
        path = path.expanduser()
    return path


def _find_links(options: IndexOptions, environ: Mapping[str, str]) -> tuple[str, ...]:
    if options.find_links:
        missing = [text for text in options.find_links if text and "://" not in text and not Path(text).exists()]
        if missing:
            raise UsageError(f"--find-links names {', '.join(missing)}, which does not exist.")
        return _unique(_as_url(text) for text in options.find_links)
    uv = [text.strip() for text in environ.get("UV_FIND_LINKS", "").split(",")]
    given = [*filter(None, uv), *_words(environ, "PIP_FIND_LINKS")]
    # pip passes over a directory that is not there; uv would fail.
    return _unique(_as_url(text) for text in given if "://" in text or Path(text).exists())


def _index(text: str, environ: Mapping[str, str]) -> str:
    """Return the URL of an index; uv may give it a name, and under the name a user and a password."""
    named = _NAMED.fullmatch(text)
    if not named:
        return _as_url(text, must_exist=True)
    prefix = f"UV_INDEX_{re.sub('[^A-Z0-9]', '_', named['name'].upper())}"
    user, password = environ.get(f"{prefix}_USERNAME"), environ.get(f"{prefix}_PASSWORD")
    url = _as_url(named["url"], must_exist=True)
    if user is None and password is None:
        return url
    parts = urlsplit(url)
    secret = f"{quote(user or '', safe='')}:{quote(password or '', safe='')}"
    return urlunsplit(parts._replace(netloc=f"{secret}@{parts.netloc.rpartition('@')[2]}"))


def _as_url(text: str, *, must_exist: bool = False) -> str:
    """Return the URL of a place. Raises UsageError for what is none, so that no other is asked in its stead."""
    if not text.strip():
        raise UsageError("The address of an index or of links is empty.", fix="Give one, or leave the option out.")
    if "://" in text:
        check_url(text)
        return text
    path = expanded(text).absolute()
    if must_exist and not path.exists():
        raise UsageError(f"The index {text} does not exist.", fix="Give a URL, https://…, or a directory.")
    return path.as_uri()


def _first(environ: Mapping[str, str], *names: str) -> str:
    return next((environ[name].strip() for name in names if environ.get(name, "").strip()), "")


def _words(environ: Mapping[str, str], *names: str) -> tuple[str, ...]:
    return _unique(word for name in names for word in environ.get(name, "").split())


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _is_true(text: str) -> bool:
    """Read a switch as pip does."""
    return text.strip().lower() in {"1", "y", "yes", "t", "true", "on"}
