"""Every promise of the system, broken on purpose: see README.md."""
