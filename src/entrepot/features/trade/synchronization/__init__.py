"""Synchronization of products, orders and entities with systems outside, and messages about stock (SYNC, INV)."""
