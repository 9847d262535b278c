"""The expression language of promotions and approval rules (EXPR rules).

`compile.read_expression` turns text into a checked tree for one use, `evaluate.Evaluation` computes trees over an
`environment.Environment`, `printer.print_expression` gives a tree's text. Pure; bounded in length, depth and steps.
"""
