"""What the jobs of one call share, and what each has alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.options.build_options import BuildOptions
from crossbuild.reporting import SilentReporter
from crossbuild.session.described_target import DescribedTarget
from crossbuild.session.job import JobContext
from crossbuild.session.session import Session
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.sysroot.store import SysrootStore


class Heard(SilentReporter):
    """Keeps the output."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def output(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """One whose sysroots are not made: what apt would say is the packages."""

    def describe(_: BuildOptions, sysroots: SysrootStore, packages: frozenset[str]) -> DescribedTarget:
        sysroots.reporter.output(f"apt: {', '.join(sorted(packages))}")
        return DescribedTarget(described=make_host())

    monkeypatch.setattr(DescribedTarget, "from_options", describe)
    options = BuildOptions(host="debian:bookworm:arm64", cache_dir=tmp_path)
    return Session.from_options(options, reporter=Heard(), environ={})


def said_to(session: Session) -> Any:
    assert isinstance(session.reporter, Heard)
    return session.reporter.lines


def test_what_apt_says_for_a_job_is_said_to_its_reporter(session: Session) -> None:
    job = session.for_job(JobContext(reporter=Heard()))
    job.describe(frozenset({"libdemo-dev"}))
    assert (said_to(job), said_to(session)) == (["apt: libdemo-dev"], [])
    assert session.sysroots.reporter is session.reporter


def test_a_target_is_made_once_for_all_jobs(session: Session) -> None:
    job = session.for_job(JobContext(reporter=Heard())).for_host_requirement("demo")
    assert job.describe() is session.describe()
    assert (said_to(job), said_to(session)) == (["apt: "], [])


def test_a_job_builds_within_the_one_that_it_is_for(session: Session) -> None:
    session = replace(session, job=replace(session.job, config_settings={"a": "b"}, host_requires=("x",)))
    inner = session.for_host_requirement("numpy").for_job(JobContext(reporter=SilentReporter()))
    assert inner.job.building == ("numpy",)
    assert (inner.job.config_settings, inner.job.host_requires) == ({}, ())
    assert inner.services is session.services


def test_a_job_keeps_the_settings_of_its_project(session: Session) -> None:
    other = JobContext(reporter=SilentReporter(), config_settings={"of": "another"})
    job = session.with_config_settings({"a": "b"}).for_job(other)
    assert (job.job.config_settings, job.reporter) == ({"a": "b"}, other.reporter)
