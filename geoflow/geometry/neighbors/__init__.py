"""Exact ranked neighbours."""
