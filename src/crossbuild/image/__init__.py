"""Wheels in a root, an image or another directory of the host's: installed, replaced, removed, and accounted for.

In come a request and an :class:`~.fill.ImageTarget`, or distributions that are there; out comes a changed root, which
is either as it was or as it was to be (:mod:`.transaction`), and documents about it (:mod:`.manifest`, :mod:`.sbom`).
Paths are the host's until the last moment: :mod:`.places` alone says where they are on this machine, and lets no link
lead out of the root. :mod:`.fill` is what the frontend calls. It has the wheelhouse resolve, fetch and build; nothing
else here does. The parts may be used by themselves on any directory.
"""
