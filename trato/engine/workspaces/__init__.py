"""Who uses Trato and where: people, workspaces, memberships, teams, roles, tokens, and the base of every workspace
table.
"""
