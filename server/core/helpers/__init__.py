"""People who help: volunteers and community couriers, what they carry, can do, and when they are on."""
