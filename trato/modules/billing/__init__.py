"""What was agreed is delivered and paid: orders, deliveries, invoices, credit notes, payments, reminders."""
