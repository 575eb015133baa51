"""What becomes of the projects that were chosen, note by note."""
