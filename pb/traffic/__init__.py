"""How many votes and wrong codes came in each hour, and from how few sources. Only hours, and no address."""
