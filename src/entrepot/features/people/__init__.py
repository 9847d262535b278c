"""Who is who: companies, their users and what they may do, tokens, settings of a marketplace, what goes abroad."""
