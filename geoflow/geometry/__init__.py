"""Geometry of one layer: arrays in, arrays out. No database, file or network in here."""
