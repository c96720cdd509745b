"""What will close and when: forecasts, quotas, snapshots, and how the pipeline moves."""
