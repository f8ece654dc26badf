"""What commands look like: on terminals of two widths, in a pipe, and in the log of a CI service.

``python -m tests.frames`` runs the commands of :mod:`tests.frames.scenes` and writes what they showed to ``recorded/``.
"""
