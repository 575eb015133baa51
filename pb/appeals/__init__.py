"""An author asks the city to look at its decision again."""
