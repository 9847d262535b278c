"""A seed file as the wished state of a marketplace: what has to be done, and doing it."""
