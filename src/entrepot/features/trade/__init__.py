"""What is bought: carts and orders until they are paid, shipped and returned."""
