"""The gate's decisions. Pure."""
