"""Package indexes: asked for sdists and wheels, with what pip and uv know of them, and every download checked.

In come the user's options and variables (``settings``) and the names of projects. Out come ``IndexFile``, what an index
lists, and ``Found``, a file that was downloaded and whose hash was verified; ``index`` has both, and the others do its
work. ``resolve`` lists and fetches here, ``sources`` fetches what has a URL, and ``building`` looks for the sdists of
what it compiles against. For installers, it makes settings instead: for the uv of a build, for hooks, which get no
passwords (``index_access``), and for pip, which gets one index that answers as this one does (``server``). The session
holds the one index of a call. ``requirements`` and ``wheelhouse`` also use its functions for URLs and names of files.
"""
