"""Mail of our own: what a message to a person says, and how it leaves; and the mailbox, where nothing sends it."""
