"""Wire models of the order side, one file per resource; they import nothing of the order side but one another."""
