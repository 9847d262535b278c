"""Why an order has a promotion, or has it not, and what it takes off."""
