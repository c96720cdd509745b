"""Imports: records out of files. Formats read rows, mapping finds the fields, the pipeline writes them."""
