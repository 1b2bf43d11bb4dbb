"""Pure decisions about places: reading a map, mending it, and what may be said of a lane."""
