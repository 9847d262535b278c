"""Failure on purpose: rules that let requests of a marketplace wait, fail or lose their connection (/entrepot/v1/faults)."""
