"""Benchmarks anyone can rerun; never tests."""
