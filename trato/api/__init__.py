"""The registry as REST: every object's records, lists, writes, history, files, imports and exports below /api/v1/.

Generic over the registered objects, without any business rule. Each call goes through `endpoint.py`; `records.py` and
`listing.py` are the heart; `openapi/` and `docs.py` describe it all.
"""
