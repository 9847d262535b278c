"""The requests of the last hours: noted when they are answered, written beside them, shown at /entrepot/v1/requests."""
