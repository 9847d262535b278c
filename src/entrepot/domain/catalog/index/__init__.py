"""Which products match what: compressed bitmaps by token, facet value and word, kept up to date one product at a time."""
