"""Positions of points in a plane or a space: where to draw them, and nothing to measure with."""
