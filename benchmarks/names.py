"""Names of people: of each last name there are about a hundred among 100,000 users."""

from __future__ import annotations

_FIRST = """
Adam Agnes Alan Alice Amir Anna Anton Aylin Bela Bianca Carl Carla Chen Clara Daniel Daria David Diego Elena Eli
Emma Erik Esther Farid Felix Fiona Frank Greta Hana Hans Helen Hugo Ida Igor Irene Isabel Ivan Jack Jana Jasmin
Joan John Jonas Julia Kamal Karen Karl Kate Kenji Laila Lars Laura Leo Lena Liam Linda Lucas Lucia Maja Marco
Maria Mark Martha Max Maya Mia Mila Milan Mona Nadia Nina Noah Nora Olga Oliver Omar Oscar Pablo Paula Peter
Petra Rafael Rita Robert Rosa Ruth Samir Sara Simon Sofia Stefan Tara Theo Tina Tom Uma Vera Victor Yara Zoe
"""
_BEGINNINGS = """
Ash Beck Birch Black Brad Brock Clay Craw Dal Dar Elm Far Gold Green Hal Har Haw Hol Kirk Lang Law Lin Mar Mil Mor
Nor Oak Pem Red Rad Sand Shel Stan Stock Thorn Wal Wes Whit Win Wood
"""
_ENDINGS = """
berg bourne bridge bury by combe croft dale den field ford ham hurst ley man more ridge sen son stead ton vale ward
well wick worth
"""

FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(start + end for start in _BEGINNINGS.split() for end in _ENDINGS.split())
