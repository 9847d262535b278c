"""What an application has sent, without its secrets, and what can be made of it: collections, archives, tests."""
