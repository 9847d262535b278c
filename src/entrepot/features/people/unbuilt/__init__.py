"""Operations that are declared, checked and documented, but answer 501: what they do is not built yet.

Building one means deleting its line here and in tests/conformance/known_gaps.toml.
"""
