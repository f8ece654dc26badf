"""Wheels in a root, an image or any other directory of the host's: installed, replaced, removed, and accounted for."""
