"""Official zones: lists of buildings and doors under restriction, read, checked by people, and put in force."""
