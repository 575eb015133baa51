"""What people say of an idea, moderated, threaded one level."""
