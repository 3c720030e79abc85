"""What a backend that asks a remote service needs, whatever the service's library.

The key kept out of sight, connections that say nothing of this machine, how many requests at once,
when to ask again, what a fault is, and what a person is told once.
"""

from nerharness.remote.asker import Asker, Begin, Patience, Question
from nerharness.remote.backend import RemoteBackend
from nerharness.remote.connections import Switchboard, connect
from nerharness.remote.fault import Fault, Kind, failed, outcome, timed_out
from nerharness.remote.key import Key, read_key
from nerharness.remote.limit import Limit
from nerharness.remote.listening import Answered, listen
from nerharness.remote.notices import Notices
from nerharness.remote.pace import Pace, asked_to_wait
from nerharness.remote.round import Put, Round
from nerharness.remote.wire import Wire

__all__ = [
    "Answered",
    "Asker",
    "Begin",
    "Fault",
    "Key",
    "Kind",
    "Limit",
    "Notices",
    "Pace",
    "Patience",
    "Put",
    "Question",
    "RemoteBackend",
    "Round",
    "Switchboard",
    "Wire",
    "asked_to_wait",
    "connect",
    "failed",
    "listen",
    "outcome",
    "read_key",
    "timed_out",
]
