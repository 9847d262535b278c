"""Catchers: addresses of this server that keep what is sent to them, for whoever develops an integration."""
