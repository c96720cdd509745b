"""What is sold and for how much: products, variants, bundles, taxes, price books, discounts, exchange rates."""
