"""The HTTP API, ``/api/v1``: JSON in the shapes that ``--json`` prints.

One table, :data:`~broadcaster.web.api.table.ENDPOINTS`, says of each address what it needs, takes
and answers.  Requests are checked by it, and the OpenAPI document is made of it.
"""
