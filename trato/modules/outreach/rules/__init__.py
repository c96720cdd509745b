"""Pure rules of outreach: texts with placeholders, sending hours, scripts, rates."""
