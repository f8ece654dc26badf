"""What a failed build lacked, and which of a distribution's packages have it."""
