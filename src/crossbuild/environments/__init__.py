"""Cross environments that people and other programs work in: those that builds happen in, but they last.

In come an ``EnvironmentRequest`` and a session; out comes a directory that holds a whole environment or nothing, with
files that shells read to enter and leave it. :mod:`.entering` alone says what differs inside; activation, shells,
GitHub jobs and commands all take it from there. What is installed for the host later (:mod:`.host_site`) goes through
the wheelhouse, with the options that were kept. The frontend makes environments; the commands ``env``, ``shell``,
``run``, ``cross-pip`` and ``build-pip`` use them.
"""
