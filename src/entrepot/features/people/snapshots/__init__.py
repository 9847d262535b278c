"""Snapshots of a marketplace, and marketplaces for an hour: copies inside the database (ADR 0041) at /entrepot/v1/snapshots and
/entrepot/v1/marketplaces.
"""
