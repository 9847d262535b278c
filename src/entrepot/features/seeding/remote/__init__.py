"""Another server's marketplace as seed records, read over the public API of OrderCloud by `remote/reader.py`.

async with open_reader(registry, Access("https://sandboxapi.ordercloud.io", client_id, client_secret)) as reader:
    async for kind, record in reader.records():
        ...
reader.findings  # what could not be read
"""
