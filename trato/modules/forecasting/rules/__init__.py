"""Pure rules of forecasting: they know numbers and dates, and no database."""
