"""Quarantine [1.3]: orders, two checks a day, what happens when one is missed, release by a named decision."""
