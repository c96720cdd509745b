"""Where records are: the towns and countries of their addresses as points on a map, from a gazetteer that is installed
with the product. No address leaves the machine.
"""
