"""A fake of every messenger on one port, as its documents describe it; how to write a fake.

A fake is ``adapters/<name>/sandbox.py``: a subclass of :class:`~broadcaster.sandbox.fake.Fake` and
one instance of it, ``FAKE``.  Write it from the platform's documents, not from the client.  It may
import ``broadcaster.sandbox``, ``broadcaster.model``, ``broadcaster.calendar``, aiohttp.web and
protobuf.  The instance holds no state: the sandbox passes a
:class:`~broadcaster.sandbox.backend.Backend` to each call.  A second subject of the wire, such as
its messages, has a module ``sandbox_<subject>.py`` beside it.

Class attributes describe the platform: ``name``, ``title``; ``paths`` (its API below ``/P``, as
patterns of aiohttp's router; ``/upload/{ticket}`` and ``/files/{name}`` where files have a host of
their own); ``posting`` (the methods that publish); ``refusals`` (how the wire expresses 400, 401,
403 and 429); ``limits`` (text, caption, album, typed from the documents); ``switches`` (everything
the documents leave open, the likeliest value first).

Three methods are its behaviour::

    async def read(self, backend, request) -> ApiCall    # wire -> method, channel, token, fields
    async def act(self, backend, call) -> web.Response   # do it, or raise Refusal(code, text)
    def refuse(self, backend, refusal) -> web.Response   # a refusal in the platform's envelope

The sandbox does the rest: the request log, faults (a refusal goes through ``refusals`` and
``refuse``; ``5xx``, ``drop-before``, ``drop-after`` and ``slow`` need nothing), the ledger and its
file, and the pages.  Override ``fail`` where a fault needs more than a table.  ``page_class``
(class names), ``page_folder`` (where the page lists its messages) and ``page_data`` (HTML) hold
what programs look for in a public page.  ``backend.memory`` keeps what only this fake needs.

- ``fields.read_fields(request)`` reads a form, query, JSON (also on GET), multipart or empty body:
  ``values`` are texts, ``files`` the uploads, ``body`` the JSON with its types.  For protobuf,
  parse ``await request.read()`` and pass the message as ``ApiCall.body``.
- The token may be in the path, a header or the query: put it into ``ApiCall.token``.  A call
  without one that carries a token anyway (an upload to the second host) is marked ``leaked``.
- ``ApiCall.method`` is the method's name in the platform's spelling, also where the wire has a
  number (``ChannelSendMessage`` for 410): faults and the request log use it.  ``ApiCall.channel``
  is the address as it was sent.
- Publish: ``backend.post(call, [Content(text=…, media=(stored.item("photo"),), silent=…)])``
  returns entries with their ids.  It accepts all contents of a call or none (``group`` for albums).
  ``Content.text`` is what readers see; ``entities`` are its styles, in UTF-16 units as in Bot APIs;
  ``raw`` and ``markup`` keep what arrived.
- Act: ``backend.find(address, id)`` (None if it is gone), ``backend.edit``, ``delete``, ``pin``.
- Files: ``backend.store(upload, owner=call.account, kind=…)`` keeps a file and names it (``.id``);
  ``backend.stored(name)`` finds it again; ``backend.refer(url)`` names a file sent by address;
  ``backend.send_file`` answers a download; ``backend.elsewhere(request, "upload/…")`` is an address
  on the second host.
- Channels: any well-formed address is one.  ``is_id``, ``id_of`` and ``name_of`` tell ids from
  names and give the id of a name; ``message_id`` is the form of message ids.

Platforms of the Bot-API family subclass :class:`~broadcaster.sandbox.botapi.fake.BotApiFake` and
consist of tables of methods, limits and switches.

:mod:`broadcaster.sandbox.control` describes the control side;
:func:`broadcaster.sandbox.server.start` starts everything.
"""

HOST = "127.0.0.1"
PORT = 8791
"""As config/sandbox.toml has it."""
