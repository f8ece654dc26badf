"""What a user can say about a build: options, configuration files, and variables of the environment.

In come the values of a command line or of a program, tables of TOML, and the caller's environment; out come frozen
values: ``BuildOptions`` for a call, ``Configuration`` for files, ``PackageSettings`` for one project, and the variables
that builds see. The schema and tables of the reference are made here, too. The command line and the API make options,
and a session carries them to everything that builds.
"""
