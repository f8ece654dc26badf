"""Roots with a distribution's Python and libraries, made by an unprivileged user."""
