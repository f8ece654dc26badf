"""What is asked for: words of a command line, requirements files, lock files and dependency groups, read and checked.

In come words and files; out comes a request: requirements for the resolver, and projects that the user has here.
Commands that fetch or build anything begin here.
"""
