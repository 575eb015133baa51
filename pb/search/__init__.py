"""A round's ideas to search and filter, as a list and on the map."""
