"""The clock of a marketplace: stopped, shifted, moved on with all that falls due on the way (/entrepot/v1/clock)."""
