"""What is agreed for longer: contracts, subscriptions, their changes, recurring invoices and revenue."""
