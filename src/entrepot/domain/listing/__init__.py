"""The list language: paging, search, sort and filters of every list, as values (LIST, SRCH and FLT rules).

`request.read_list_request` turns a query string into a validated `ListRequest`; `evaluate` is the plain reading of one
over items in memory; storage/listing compiles the same request to SQL.
"""
