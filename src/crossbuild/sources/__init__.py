"""Projects to build, as directories: unpacked sdists, repositories that were checked out, directories of the user's.

In comes a path, a URL, or an sdist that ``index`` fetched. Out comes a ``Source`` (``project``), a directory with a
project and where it is from, or a wheel if that is what the path or URL leads to (``direct``). Before it is built, a
source is brought into the build's directory: what was unpacked is moved, what is the user's is copied with its
surroundings, and git works in the copy as in the original. ``wheelhouse`` gets sources here for each request;
``building`` and ``environments`` bring them below their directories; ``requirements``, ``resolve``, ``session`` and
``advice`` use only types and small functions of it. Nothing here runs a project's code.
"""
