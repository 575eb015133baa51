"""A round's texts in other languages, as the city writes them."""
