"""Search engines: each takes a problem with its times and gives back routes."""
