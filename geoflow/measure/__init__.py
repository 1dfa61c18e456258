"""Activations and a specification in, tables out."""
