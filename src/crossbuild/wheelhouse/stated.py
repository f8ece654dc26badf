"""The statement of where a wheel is from, written beside it when it is delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crossbuild.provenance.portable import portable_url
from crossbuild.provenance.resource import Resource
from crossbuild.provenance.statement import Statement, statement_file
from crossbuild.system.filesystem import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.wheels.distribution import Distribution, Origin


def with_statement(delivered: Distribution) -> Distribution:
    """Write what the wheel that is ``delivered`` was built from beside it, if that is known; return it with that.

    Of one that somebody else built, only that somebody could say it. Raises OSError.
    """
    if delivered.inputs is None:
        return delivered
    file = statement_file(delivered.wheel)
    write_text(file, statement_of(delivered).to_text())
    return replace(delivered, statement=file)


def statement_of(delivered: Distribution) -> Statement:
    """Return the statement about a wheel whose inputs are known. Raises LookupError for another."""
    if delivered.inputs is None:
        raise LookupError(delivered.name)
    return Statement.from_inputs(
        delivered.inputs,
        wheel=delivered.wheel.name,
        sha256=delivered.audited.sha256,
        project=delivered.name,
        version=str(delivered.version),
        source=_source(delivered.origin, delivered.inputs.source_digest, delivered.name),
    )


def _source(origin: Origin, digest: Mapping[str, str], project: str) -> Resource:
    """Return what was built: a file, a commit or a directory."""
    vcs = origin.direct.vcs_info if origin.direct else None
    if vcs and origin.direct:
        uri = portable_url(f"{vcs.vcs}+{origin.direct.url}@{vcs.commit_id}")
        digest = {"gitCommit": vcs.commit_id} if vcs.vcs == "git" else {}
        return Resource(role="source", name=project, uri=uri, digest=digest)
    return Resource(role="source", name=origin.filename or project, uri=portable_url(origin.url), digest=digest)
