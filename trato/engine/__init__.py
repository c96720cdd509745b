"""The machine every record runs on. Knows no business noun; imports nothing else of Trato."""
