"""The rules of a route, one file each: what it demands and how the search is told."""
