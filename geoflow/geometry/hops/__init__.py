"""Hop distances: searches, totals of geodesics, expansion from layer to layer."""
