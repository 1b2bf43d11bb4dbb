"""Gate [1.2]: passes, rotating codes, scans, and who may leave by which rule."""
