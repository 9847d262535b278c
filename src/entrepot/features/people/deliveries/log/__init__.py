"""Deliveries and their targets over the API: /entrepot/v1/deliveries, /entrepot/v1/deliverytargets."""
