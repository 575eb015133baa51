"""Two ideas for one thing become one; everybody behind either is credited."""
