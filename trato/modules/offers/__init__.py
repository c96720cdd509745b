"""What else to offer to whom, and why: bought together, bought again, due for service or renewal."""
