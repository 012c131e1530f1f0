"""A year of work at a fictional supplier, Kolwark Technika Przemysłowa, to look at and to try things on.

What people read is written by hand: `people.toml`, `clients.csv`, `catalogue.csv`, `decisions.toml` and one
file per dossier in `dossiers/`. What only has to add up (two years of invoices) is generated from a fixed
seed. Every date is counted from the day of loading, so the demo is as alive next year as it is today.
"""
