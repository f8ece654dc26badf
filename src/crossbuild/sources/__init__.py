"""Where projects come from: requirements, indexes, sdists, directories."""
