"""Tests of the whole, and what all tests share: the cast, the lint of their SQL, the contract of every object."""
