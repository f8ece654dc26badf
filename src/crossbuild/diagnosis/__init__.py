"""Looking at what builds need, before one fails for want of it."""
