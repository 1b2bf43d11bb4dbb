"""Money's decisions. Pure."""
