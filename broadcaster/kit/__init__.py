"""Building blocks for clients: HTTP calls with classified failures, and the Bot-API family."""
