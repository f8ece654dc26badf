"""Text files that let other tools build for a host by themselves."""
