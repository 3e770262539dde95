"""The pages of basketball-reference.com, rendered from the generated league in the layout of a date."""
