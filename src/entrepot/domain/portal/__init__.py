"""What the portal decides without input or output."""
