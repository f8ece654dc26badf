"""Images: wheels installed into a root file system or a directory, and removed from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.api.arguments import defaults, environ_from, image_from, options_from, request_from
from crossbuild.reporting import SilentReporter, packages_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePosixPath

    from crossbuild.image.fill import ImageTarget, InstallOptions, InstallReport
    from crossbuild.image.installed import Installed
    from crossbuild.options.build_options import BuildOptions
    from crossbuild.reporting import Reporter
    from crossbuild.requirements.request import Request
    from crossbuild.wheelhouse.dry_run import Plan


def install(
    specs: str | Path | Iterable[str | Path] = (),
    *,
    host: str | Path,
    root: str | Path | None = None,
    prefix: str | PurePosixPath | None = None,
    target: str | Path | None = None,
    image: ImageTarget | None = None,
    install_options: InstallOptions | None = None,
    requirements: str | Path | Iterable[str | Path] = (),
    constraints: str | Path | Iterable[str | Path] = (),
    dependencies: bool = True,
    request: Request | None = None,
    fail_fast: bool = False,
    strict: bool = False,
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> InstallReport:
    """Install ``specs``, and all that they require on ``host``, into a root file system or a directory.

    Give either ``root``, the host's root file system or its image, perhaps with a ``prefix`` as the host calls it, or
    ``target``, a directory to import from. ``image`` and ``install_options`` say more of where files go, and how. The
    rest is as for :func:`build_wheels`, but ``specs`` are only built if no wheel fits, or with ``build_named=True`` in
    ``request``. The image changes as a whole, or not at all. Raises a subclass of :class:`CrossbuildError`. The report
    lists missing libraries; with ``strict`` they are an InstallError, after everything is installed.
    """
    from crossbuild import frontend
    from crossbuild.image.fill import InstallOptions

    reporter = reporter or SilentReporter()
    report = frontend.fill_image(
        request_from(request, specs, requirements, constraints, dependencies=dependencies, build_named=False),
        image_from(image, root, prefix, target),
        install_options or InstallOptions(),
        options=options_from(
            options, environ, host=host, python=python, toolchain=toolchain, sysroot=sysroot, settings=config_settings
        ),
        fail_fast=fail_fast,
        reporter=reporter,
        progress=packages_of(reporter),
        environ=environ_from(environ),
    )
    if strict:  # only now: which libraries are missing is known when everything is installed
        report.raise_for_missing()
    return report


def plan_install(
    specs: str | Path | Iterable[str | Path] = (),
    *,
    host: str | Path,
    root: str | Path | None = None,
    prefix: str | PurePosixPath | None = None,
    target: str | Path | None = None,
    image: ImageTarget | None = None,
    install_options: InstallOptions | None = None,
    requirements: str | Path | Iterable[str | Path] = (),
    constraints: str | Path | Iterable[str | Path] = (),
    dependencies: bool = True,
    request: Request | None = None,
    python: str | None = None,
    toolchain: str | None = None,
    sysroot: str | Path | None = None,
    config_settings: Mapping[str, str | list[str]] | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> Plan:
    """Return what :func:`install` would download, build and install: ``crossbuild install --dry-run``.

    The arguments are those of :func:`install`, and the image stays as it is; otherwise as :func:`plan_wheels`.
    """
    from crossbuild import frontend
    from crossbuild.image.fill import InstallOptions

    return frontend.plan_image(
        request_from(request, specs, requirements, constraints, dependencies=dependencies, build_named=False),
        image_from(image, root, prefix, target),
        install_options or InstallOptions(),
        options=options_from(
            options, environ, host=host, python=python, toolchain=toolchain, sysroot=sysroot, settings=config_settings
        ),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )


def uninstall(
    names: str | Iterable[str],
    *,
    host: str | Path,
    root: str | Path | None = None,
    prefix: str | PurePosixPath | None = None,
    target: str | Path | None = None,
    image: ImageTarget | None = None,
    python: str | None = None,
    options: BuildOptions | None = None,
    reporter: Reporter | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[Installed]:
    """Remove the projects ``names`` from where :func:`install` put them, all or none, and return what they were.

    The arguments are those of :func:`install`. Raises InstallError, and what :func:`load_host` raises.
    """
    from crossbuild import frontend

    return frontend.empty_image(
        [names] if isinstance(names, str) else list(names),
        image_from(image, root, prefix, target),
        options=options_from(options, environ, host=host, python=python),
        reporter=reporter or SilentReporter(),
        environ=environ_from(environ),
    )


def rollback(
    directory: str | Path, *, options: BuildOptions | None = None, environ: Mapping[str, str] | None = None
) -> bool:
    """Undo an unfinished :func:`install` or :func:`uninstall` in a root or target; return whether there was one.

    The next of them does so itself. Raises InstallError.
    """
    from crossbuild import frontend

    return frontend.roll_back_image(Path(directory).absolute(), cache_dir=defaults(options, environ).cache_dir)
