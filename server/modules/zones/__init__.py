"""Official zones [1.3]: lists are read, looked at by people, approved by a second one, and stand until their end."""
