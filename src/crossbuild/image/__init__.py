"""Wheels in a root, an image or another directory of the host's: installed, replaced, removed, and accounted for.

In come a request and an ``ImageTarget``, or distributions that are already there; out comes a root that is either as it
was or as it was to be (:mod:`.transaction`), and documents about it (:mod:`.manifest`, :mod:`.sbom`). Paths are the
host's until the last moment: :mod:`.places` alone says where they are on this machine, and lets no link lead out of the
root. The frontend calls :mod:`.fill`, which has the wheelhouse resolve, fetch and build. The other modules fetch
nothing, and work on any directory.
"""
