"""The voter's pages; they hand choices to the ballot box."""
