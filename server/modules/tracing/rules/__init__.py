"""Tracing's rules: what is asked, how overlaps rank, how a candidate is decided."""
