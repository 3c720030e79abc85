"""How well predicted entities agree with gold ones."""
