"""Exports: records into files, streamed."""
