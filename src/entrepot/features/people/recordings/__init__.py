"""Recordings of what applications send to a marketplace, without secrets: at /entrepot/v1/recordings (docs/guide/recording.md)."""
