"""Cross environments that people and other programs work in: those that builds happen in, but they last.

In come an :class:`~.environment_request.EnvironmentRequest` and a session; out comes a directory that is whole or not
there, a :class:`~.standing.StandingEnvironment`, with files that shells read to enter and leave it. :mod:`.entering`
alone knows what differs inside; activation, shells, GitHub jobs and commands all take that from it. What is installed
for the host later (:mod:`.host_site`) goes through the wheelhouse, by the options that were kept. The frontend makes
environments; the commands ``env``, ``shell``, ``run``, ``cross-pip`` and ``build-pip`` use them.
"""
