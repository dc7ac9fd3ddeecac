"""What clients are made of: watched HTTP calls, and the family of Bot-API-like platforms."""
