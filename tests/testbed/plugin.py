"""A plugin of pytest: tests that cannot run on this machine are counted, and substitutions are told, in the last lines.

Works with pytest-xdist: workers share a directory that the process that reports has made.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.printed import report as printed
from tests.testbed import needs
from tests.testbed.choices import substitutions
from tests.testbed.surroundings import settle

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

LIMIT = 30
"""So many tests may be left out on a machine; if there are more, the run says too little. A chroot or a container that
forbids namespaces leaves out 21."""
_SHARED = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*names): what no test can make for itself; not run where it is missing")
    settle(os.environ)
    if hasattr(config, "workerinput"):
        config.stash[_SHARED] = Path(config.workerinput["shared"])
        return
    directory = tempfile.TemporaryDirectory(prefix="crossbuild-tests-")
    config.add_cleanup(directory.cleanup)
    config.stash[_SHARED] = Path(directory.name)
    config.pluginmanager.register(Outcome(shared=Path(directory.name)), "crossbuild-outcome")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared"] = str(node.config.stash[_SHARED])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for need in marker.args:
            needs.check(need)


@pytest.fixture(scope="session")
def shared_directory(pytestconfig: pytest.Config) -> Path:
    """A directory that all workers of this run share."""
    return pytestconfig.stash[_SHARED]


class Outcome:
    """Counts what was skipped, however that came about, where the results of all workers arrive."""

    def __init__(self, *, shared: Path) -> None:
        self.shared = shared
        self.not_run: dict[str, str] = {}
        self.printed: list[list[str]] = []
        """What tests have recorded of printed commands."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._count(report)
        if report.when == "call" and report.passed:
            self.printed += printed.records(report.user_properties)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._count(report)

    def _count(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.not_run[report.nodeid] = _reason(report.longrepr)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if len(self.not_run) > LIMIT and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        yield
        taken = list(substitutions(self.shared))
        if taken:
            terminalreporter.section("substitutions")
        for one in taken:
            terminalreporter.line(str(one))
        heading, *lines = *printed.summary(self.printed), ""
        if lines:
            terminalreporter.section(heading)
        for line in lines:
            terminalreporter.line(line)
        if self.not_run:
            terminalreporter.section(f"not run here: {len(self.not_run)}")
        for reason, names in _by_reason(self.not_run).items():
            terminalreporter.line(f"{len(names)} {reason}")
            for name in names:
                terminalreporter.line(f"  {name}")
        if len(self.not_run) > LIMIT:
            terminalreporter.line(f"More than {LIMIT} tests were not run here: that is a failure.", red=True)


def _by_reason(not_run: Mapping[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for name, reason in not_run.items():
        reasons.setdefault(reason, []).append(name)
    return reasons


def _reason(longrepr: object) -> str:
    """Return why a test was skipped; pytest says where as well."""
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr).removeprefix("Skipped: ")
