"""The three people who hold a round's key in shares on paper, and what they open with it."""
