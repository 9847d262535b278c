"""What is sold: catalogs, products and their prices and stock, and what of it a shopper sees."""
