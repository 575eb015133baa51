"""The front page, the staff's desk and the pages that explain."""
