"""The machine that geoflow runs on: memory, files that are whole or not there, processes."""
