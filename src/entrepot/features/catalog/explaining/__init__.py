"""Why a user sees a product, or does not, and at which price."""
