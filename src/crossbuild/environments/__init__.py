"""Cross environments that people and other programs work in: like those of builds, but they last.

:mod:`.standing` takes an ``EnvironmentRequest`` and a session, and makes a complete environment in a directory or
leaves nothing behind. :mod:`.entering` defines what differs inside; activation scripts, shells, GitHub jobs and
commands all follow it. Packages that are installed for the host later (:mod:`.host_site`) come from the wheelhouse,
with the options that were kept. The frontend makes environments; ``crossbuild env``, ``shell``, ``run``, ``cross-pip``
and ``build-pip`` use them.
"""
