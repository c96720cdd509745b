"""Objects that only the tests know: what an object needs at least, and one with a field of every kind."""
