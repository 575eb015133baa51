"""A believable town frozen at any phase, and rounds made from Pabulib files."""
