"""Money: a ledger, payments behind a port, the community fund."""
