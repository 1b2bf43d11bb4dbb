"""Benchmarks of the server: figures that anyone can rerun, written to docs/benchmarks-server.md by the command."""
