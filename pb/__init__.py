"""The web application: a city's participatory budgeting rounds from idea to published result."""
