"""Every messenger faked on one port, as faithful as its documents; and how a fake is written.

A fake is ``adapters/<name>/sandbox.py``: a subclass of :class:`~broadcaster.sandbox.fake.Fake`
and one instance of it, ``FAKE``.  It is written from the platform's documents, never from the
client; it imports ``broadcaster.sandbox``, ``broadcaster.model`` and ``broadcaster.calendar`` only
(and aiohttp.web, protobuf).  An instance holds no state: a sandbox gives it a
:class:`~broadcaster.sandbox.room.Room`.  A second subject of its wire, such as its messages, has a
module ``sandbox_<subject>.py`` beside it.

What a fake says about itself: ``name``, ``title``; ``paths`` (its API behind ``/P``, patterns of
aiohttp's router; ``/upload/{ticket}`` and ``/files/{name}`` where files go elsewhere);
``posting`` (the methods that publish); ``refusals`` (how 400, 401, 403 and 429 are said on its
wire); ``limits`` (text, caption, album, typed from the documents); ``switches`` (everything the
documents dispute, first value the likeliest).

What it does, three methods::

    async def read(self, room, request) -> Call       # wire -> method, channel, token, fields
    async def act(self, room, call) -> web.Response   # do it, or raise Refusal(code, text)
    def refuse(self, room, refusal) -> web.Response   # a refusal in the platform's envelope

The kit does the rest around them: the request log, faults (a refusal kind goes through
``refusals`` and ``refuse``; ``5xx``, ``drop-before``, ``drop-after`` and ``slow`` need nothing),
the ledger, its file, the pages.  Where a fault needs more than a table, override ``fail``; what
programs look for in a public page is ``page_class`` (class names), ``page_folder`` (where the
page lists its messages) and ``page_data`` (HTML).  ``room.memory`` holds what only this fake keeps.

- Form, query, JSON or multipart: ``fields.read_fields(request)`` takes them all, also a JSON body
  on GET and no body at all; ``values`` are texts, ``files`` the uploads, ``body`` the JSON with
  its types.  Protobuf: ``await request.read()``, parse it, hand it on as ``Call.body``.
- The token may stand in the path, a header or the query: put it into ``Call.token``; a call that
  has none but carries a token anyway (an upload on the second host) is marked ``leaked``.
- ``Call.method`` is the platform's spelling of the method, also where the wire has numbers for it
  (``ChannelSendMessage`` for 410): faults and the log go by it.  ``Call.channel`` is the address
  as sent.
- Publishing: ``room.post(call, [Draft(text=…, media=(stored.item("photo"),), silent=…)])`` gives
  entries with their ids; all drafts of one call are accepted together (``group`` for albums).
  ``Draft.text`` is what readers see; ``entities`` set it, in UTF-16 units as Bot APIs write them;
  ``raw`` and ``markup`` keep what came.
- Acting: ``room.find(address, id)`` (None when it is gone), ``room.edit``, ``delete``, ``pin``.
- Files: ``room.store(upload, owner=call.account, kind=…)`` keeps one and gives it a name
  (``.id``), ``room.stored(name)`` finds it again, ``room.refer(url)`` names one sent by address,
  ``room.send_file`` answers a download, ``room.elsewhere(request, "upload/…")`` is an address on
  the second host.
- Channels: any well-formed address is one.  ``is_id``, ``id_of`` and ``name_of`` say how the
  platform tells ids from names and which id belongs to a name; ``message_id`` how ids look.

Platforms of the Bot-API family subclass :class:`~broadcaster.sandbox.botapi.fake.BotApiFake` and
are a table of methods, numbers and switches.

:mod:`broadcaster.sandbox.control` describes the control side, :func:`broadcaster.sandbox.server.
start` starts it all.
"""

HOST = "127.0.0.1"
PORT = 8791
"""As config/sandbox.toml has it."""
