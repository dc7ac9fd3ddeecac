"""The fake iGap's protobuf messages, with the numbers of the app's protobuf files.

Field 1 of each request is a sub-message that may be empty: it is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

UINT32, UINT64, INT32, INT64, STRING, BYTES, BOOL, DOUBLE = (
    FieldDescriptorProto.TYPE_UINT32,
    FieldDescriptorProto.TYPE_UINT64,
    FieldDescriptorProto.TYPE_INT32,
    FieldDescriptorProto.TYPE_INT64,
    FieldDescriptorProto.TYPE_STRING,
    FieldDescriptorProto.TYPE_BYTES,
    FieldDescriptorProto.TYPE_BOOL,
    FieldDescriptorProto.TYPE_DOUBLE,
)
SCHEMA: Mapping[str, Mapping[int, tuple[str, Any]]] = {
    "Response": {1: ("id", STRING), 2: ("timestamp", UINT32)},
    "ErrorResponse": {
        1: ("response", "Response"),
        2: ("major_code", UINT32),
        3: ("minor_code", UINT32),
        4: ("wait", UINT32),
        5: ("message", STRING),
    },
    "File": {
        1: ("token", STRING),
        2: ("name", STRING),
        3: ("size", INT64),
        7: ("width", INT32),
        8: ("height", INT32),
        9: ("duration", DOUBLE),
        11: ("mime", STRING),
    },
    "RoomMessage": {
        1: ("message_id", UINT64),
        2: ("message_version", UINT64),
        5: ("message_type", INT32),
        6: ("message", STRING),
        7: ("attachment", "File"),
        12: ("edited", BOOL),
        13: ("create_time", UINT32),
        14: ("update_time", UINT32),
        21: ("random_id", UINT64),
    },
    "SendMessage": {
        2: ("message_type", INT32),
        3: ("room_id", UINT64),
        4: ("message", STRING),
        5: ("attachment", STRING),
        8: ("reply_to", UINT64),
        10: ("random_id", UINT64),
    },
    "SendMessageResponse": {
        1: ("response", "Response"),
        2: ("room_id", UINT64),
        3: ("room_message", "RoomMessage"),
    },
    "EditMessage": {2: ("room_id", UINT64), 3: ("message_id", UINT64), 4: ("message", STRING)},
    "EditMessageResponse": {
        1: ("response", "Response"),
        2: ("room_id", UINT64),
        3: ("message_id", UINT64),
        4: ("message_version", UINT64),
        5: ("message", STRING),
        6: ("message_type", INT32),
    },
    "DeleteMessage": {2: ("room_id", UINT64), 3: ("message_id", UINT64), 4: ("both", BOOL)},
    "DeleteMessageResponse": {
        1: ("response", "Response"),
        2: ("room_id", UINT64),
        3: ("message_id", UINT64),
        4: ("delete_version", UINT64),
    },
    "UploadOption": {2: ("size", INT64)},
    "UploadOptionResponse": {
        1: ("response", "Response"),
        2: ("first_bytes_limit", INT32),
        3: ("last_bytes_limit", INT32),
        4: ("max_connection", INT32),
    },
    "UploadInit": {
        2: ("first_bytes", BYTES),
        3: ("last_bytes", BYTES),
        4: ("size", INT64),
        5: ("file_hash", BYTES),
        6: ("file_name", STRING),
    },
    "UploadInitResponse": {
        1: ("response", "Response"),
        2: ("token", STRING),
        3: ("progress", DOUBLE),
        4: ("offset", INT64),
        5: ("limit", INT32),
    },
    "Upload": {2: ("token", STRING), 3: ("offset", INT64), 4: ("bytes", BYTES)},
    "UploadResponse": {
        1: ("response", "Response"),
        2: ("progress", DOUBLE),
        3: ("next_offset", INT64),
        4: ("next_limit", INT32),
    },
    "UploadStatus": {2: ("token", STRING)},
    "UploadStatusResponse": {
        1: ("response", "Response"),
        2: ("status", INT32),
        3: ("progress", DOUBLE),
        4: ("recheck_delay_ms", INT32),
    },
}
"""Message -> number of a field -> its name and type; a type that is a word is another message."""


def _messages() -> dict[str, type[Any]]:
    file = FileDescriptorProto(name="sandbox_igap.proto", package="sandbox.igap", syntax="proto3")
    for name, fields in SCHEMA.items():
        message = file.message_type.add(name=name)
        for number, (word, kind) in fields.items():
            label = FieldDescriptorProto.LABEL_OPTIONAL
            added = message.field.add(name=word, number=number, label=label)
            if isinstance(kind, str):
                added.type = FieldDescriptorProto.TYPE_MESSAGE
                added.type_name = f".sandbox.igap.{kind}"
            else:
                added.type = kind
    pool = DescriptorPool()
    pool.Add(file)
    return {
        name: GetMessageClass(pool.FindMessageTypeByName(f"sandbox.igap.{name}")) for name in SCHEMA
    }


MESSAGES = _messages()
