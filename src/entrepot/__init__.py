"""Entrepot: a self-hosted commerce server that speaks the OrderCloud REST API."""

__version__ = "0.1.0"
