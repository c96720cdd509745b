"""From the first sign of interest to the decision: leads, pipelines, deals, and what decides them."""
