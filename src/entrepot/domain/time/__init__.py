"""Time as a marketplace has it: stopped, shifted, running from another moment."""
