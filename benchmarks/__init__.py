"""What ``script/bench`` runs: every speed as a ratio to a floor measured in the same run."""
