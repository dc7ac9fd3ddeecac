"""The shared store: one PostgreSQL database for daemons on any number of machines."""
