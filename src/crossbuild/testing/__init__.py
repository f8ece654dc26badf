"""Tests of wheels on the host: they are installed into a throw-away environment, and the host's Python runs a command.

In comes a wheel with its options, out goes a report of how the test ended. ``runners`` chooses how programs of the host
are started: here, with or without an emulator, on a board, or in a container. Called by the frontend, also between the
audit of a wheel and its delivery.
"""
