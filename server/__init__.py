"""Linli: the software of a residential community that has closed its gates."""

__version__ = "0.1.0"
