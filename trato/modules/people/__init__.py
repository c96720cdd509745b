"""Accounts and contacts, how they relate, and what happened with them.

Everything else in a CRM is about somebody: this module holds the somebody. It knows companies, institutions and
households, persons, typed relationships between any two of them, and the five activities (notes, tasks, calls,
meetings, files).
"""
