"""Trato: one open-source CRM, from the first contact to the loyal customer."""
