"""How points move through layers: straight or not, optimally or not."""
