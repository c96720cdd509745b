"""Django database backend: PostgreSQL whose workspace tables are keyed, indexed, linked and secured by workspace."""
