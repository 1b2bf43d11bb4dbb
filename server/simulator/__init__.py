"""A town of simulated people who use the public API and the live channel alone, as anybody could."""
