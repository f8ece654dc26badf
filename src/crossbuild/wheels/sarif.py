"""Findings as code scanning reads them: SARIF 2.1.0, an OASIS standard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crossbuild.wheels.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crossbuild.wheels.findings import WheelFinding
    from crossbuild.wheels.rules import Rule


def sarif_document(findings: Mapping[Path, Iterable[WheelFinding]], *, version: str, here: Path) -> dict[str, Any]:
    """Return the ``findings`` of each wheel as a SARIF document, by the paths that the wheels have from ``here``.

    ``version``: that of crossbuild.
    """
    driver = {"name": "crossbuild", "version": version, "rules": [_rule(rule) for rule in RULES.values()]}
    results = [_result(finding, _uri(wheel, here)) for wheel, found in findings.items() for finding in found]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": f"{rule.what} {rule.why}"},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: WheelFinding, uri: str) -> dict[str, Any]:
    location = {
        "physicalLocation": {"artifactLocation": {"uri": uri}},
        "logicalLocations": [{"fullyQualifiedName": finding.file}],
    }
    return {
        "ruleId": finding.id,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [location],
    }


def _uri(wheel: Path, here: Path) -> str:
    path = here / wheel
    return quote(path.relative_to(here).as_posix()) if path.is_relative_to(here) else path.as_uri()
