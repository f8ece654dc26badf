"""Asking a running device what its Python is: a script that runs there, and running it by ssh."""
