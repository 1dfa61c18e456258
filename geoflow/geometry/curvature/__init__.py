"""Discrete curvature of edges."""
