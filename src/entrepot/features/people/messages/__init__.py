"""Messages to people: who gets them, through which senders, and what they say (MS-1 to MS-8)."""
