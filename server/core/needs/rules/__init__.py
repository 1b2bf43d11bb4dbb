"""The pure decisions about needs."""
