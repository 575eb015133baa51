"""From the close of the box to its opening, by two officers or by two trustees."""
