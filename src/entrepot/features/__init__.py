"""What Entrepot does, in four wings that import downwards only: seeding > trade > catalog > people.

In a wing, one package per area: resources.py declares, hooks.py decides, and each deep operation has a use case.
"""
