"""Following a thing, and being told when it moves: by mail at once or as a digest."""
