"""PostgreSQL as Trato uses it: the embedded server, the three roles, the Django backend with the key shape."""
