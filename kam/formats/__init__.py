"""Formats where Django's own would mislead: a day is never written month first, and Polish has dots."""
