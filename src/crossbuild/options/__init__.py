"""What a user can say about a build: options, configuration files, and variables of the environment.

In come words, tables of TOML and the caller's environment; out come values that are checked. The command line and
programs make them, and everything that builds reads them.
"""
