"""Wire bodies: JSON read, validated, merged with what is stored, and written (BODY-1 to BODY-8, XP-1 to XP-4)."""
