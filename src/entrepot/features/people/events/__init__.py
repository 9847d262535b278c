"""What happens in a marketplace, told to whoever listens at /entrepot/v1/events (ADR 0044)."""
