"""A shared device for voting, as in a library: nothing of a voter is left on it for the next one."""
