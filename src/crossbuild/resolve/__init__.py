"""Which distributions a host gets: everything that requirements, and the requirements of those, come to there."""
