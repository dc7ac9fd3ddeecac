"""Shipped with the product, so that outside adapters and stores can prove themselves."""
