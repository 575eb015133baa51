"""Areas, services, bodies, and who is appointed to what."""
