"""The market's decisions, all pure."""
