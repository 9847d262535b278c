"""Messages to people: their types, what each says, to whom (MS-3)."""
