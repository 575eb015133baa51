"""The words of an idea as they were before, and the people who write it together."""
