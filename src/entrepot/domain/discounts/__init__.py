"""Discounts on prices (DSC rules): which one a shopper gets and what it makes of a price. Pure."""
