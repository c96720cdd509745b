"""The background jobs of exports."""
