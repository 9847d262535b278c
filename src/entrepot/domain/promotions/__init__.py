"""What promotions do to an order (ADD, AMT, LIM and AUTO rules): pure, to the cent.

`terms` and `basket` hold the data, `amounts` computes the rows of one promotion, `checks` says why one may not be on an
order, `sequence` computes many in their order, `automatic` offers, applies and refreshes.
"""
