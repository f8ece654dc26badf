"""Package indexes: asked for sdists and wheels, with what pip and uv know of them, and every download checked.

In come settings and the names of projects; out come candidates, and files whose hashes were verified. Resolving,
getting sources and installing build requirements all ask here.
"""
