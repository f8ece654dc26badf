"""Wheels after they are built: what is in them, what they may call themselves."""
