"""Pure rules of billing: exact sums and payments in `sums`, the electronic invoice in `einvoice`."""
