"""The portal: accounts of people, who own marketplaces and look after them (PORT). Its API stands under /api/v1."""
