"""What compiles for a host: found, proven, or provided."""
