"""What differs between two values of JSON, or two marketplaces as such values."""
