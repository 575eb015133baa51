"""The accessibility statement, and feedback that is answered."""
