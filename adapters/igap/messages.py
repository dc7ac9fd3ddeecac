"""iGap's protobuf messages, as far as we speak them: the number and type of each field.

Field 1 of each request is a sub-message that may be empty, and is left out.  ``error`` in an
answer to an upload is no field of it but the words of an ErrorResponse, whose numbers look alike.

:source: P the app's protobuf files; actions 410, 425 and 411 L+ several clients.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

U32, U64, I32, I64 = Field.TYPE_UINT32, Field.TYPE_UINT64, Field.TYPE_INT32, Field.TYPE_INT64
BOOL, STRING, BYTES, DOUBLE = (
    Field.TYPE_BOOL,
    Field.TYPE_STRING,
    Field.TYPE_BYTES,
    Field.TYPE_DOUBLE,
)

Kind: TypeAlias = "Field.Type.ValueType | str"
"""A type of protobuf's, or the name of a message declared before."""

_FILE = FileDescriptorProto(name="igap.proto", package="igap", syntax="proto3")


def _declare(name: str, **fields: tuple[int, Kind]) -> None:
    message = _FILE.message_type.add(name=name)
    for field, (number, kind) in fields.items():
        added = message.field.add(name=field, number=number, label=Field.LABEL_OPTIONAL)
        if isinstance(kind, str):
            added.type, added.type_name = Field.TYPE_MESSAGE, f".igap.{kind}"
        else:
            added.type = kind


_declare("Response", id=(1, STRING), timestamp=(2, U32))
_declare(
    "ErrorResponse",
    response=(1, "Response"),
    major_code=(2, U32),
    minor_code=(3, U32),
    wait=(4, U32),
    message=(5, STRING),
)
_declare("RoomMessage", message_id=(1, U64), create_time=(13, U32))

_declare(
    "ChannelSendMessage",
    message_type=(2, I32),
    room_id=(3, U64),
    message=(4, STRING),
    attachment=(5, STRING),
    reply_to=(8, U64),
    random_id=(10, U64),
)
_declare(
    "ChannelSendMessageResponse",
    response=(1, "Response"),
    room_id=(2, U64),
    room_message=(3, "RoomMessage"),
)
_declare("ChannelEditMessage", room_id=(2, U64), message_id=(3, U64), message=(4, STRING))
_declare("ChannelDeleteMessage", room_id=(2, U64), message_id=(3, U64), both=(4, BOOL))
_declare("ChannelMessageResponse", room_id=(2, U64), message_id=(3, U64), version=(4, U64))

_declare("FileUploadOption", size=(2, I64))
_declare(
    "FileUploadOptionResponse",
    first_bytes_limit=(2, I32),
    last_bytes_limit=(3, I32),
    error=(5, STRING),
)
_declare(
    "FileUploadInit",
    first_bytes=(2, BYTES),
    last_bytes=(3, BYTES),
    size=(4, I64),
    file_hash=(5, BYTES),
    file_name=(6, STRING),
)
_declare(
    "FileUploadInitResponse",
    token=(2, STRING),
    progress=(3, DOUBLE),
    offset=(4, I64),
    limit=(5, I32),
)
_declare("FileUpload", token=(2, STRING), offset=(3, I64), bytes=(4, BYTES))
_declare(
    "FileUploadResponse",
    progress=(2, DOUBLE),
    next_offset=(3, I64),
    next_limit=(4, I32),
    error=(5, STRING),
)
_declare("FileUploadStatus", token=(2, STRING))
_declare(
    "FileUploadStatusResponse",
    status=(2, I32),
    recheck_delay_ms=(4, I32),
    error=(5, STRING),
)

# a pool of our own: another library of this process may know messages by these names
_POOL = DescriptorPool()
_POOL.Add(_FILE)


def _of(name: str) -> type[Any]:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"igap.{name}"))


ErrorResponse = _of("ErrorResponse")
ChannelSendMessage = _of("ChannelSendMessage")
ChannelSendMessageResponse = _of("ChannelSendMessageResponse")
ChannelEditMessage = _of("ChannelEditMessage")
ChannelDeleteMessage = _of("ChannelDeleteMessage")
ChannelMessageResponse = _of("ChannelMessageResponse")
FileUploadOption = _of("FileUploadOption")
FileUploadOptionResponse = _of("FileUploadOptionResponse")
FileUploadInit = _of("FileUploadInit")
FileUploadInitResponse = _of("FileUploadInitResponse")
FileUpload = _of("FileUpload")
FileUploadResponse = _of("FileUploadResponse")
FileUploadStatus = _of("FileUploadStatus")
FileUploadStatusResponse = _of("FileUploadStatusResponse")
