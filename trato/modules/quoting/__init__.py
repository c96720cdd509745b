"""Offers in writing: quotes, their versions, their PDF, the page the customer answers and signs on."""
