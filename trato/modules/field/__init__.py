"""Work on the road: visits, routes, check-ins, and everything needed without a network."""
