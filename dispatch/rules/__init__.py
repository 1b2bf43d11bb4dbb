"""The rules of a wave, one file each: what it demands, its ``NAME``, and the ``REASON`` why it is there.

Pure: no search, no clock, no solver. The search and the timing read them; the checker has its own of each.
"""
