"""What holds in quarantine, as pure functions."""
