"""Cross environments that people and other programs work in: the same that builds happen in, but they last."""
