"""Engines for tests, found through the entry point group `heygem.engines` when this folder is on PYTHONPATH."""
