"""How fast the system is, next to the raw libraries beneath it: see README.md."""
