"""Figures of a marketplace over time: orders, revenue, products, carts, requests, deliveries."""
