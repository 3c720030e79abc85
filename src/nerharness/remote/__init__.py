"""What a backend that asks a remote service needs, whatever the service's library.

The key kept out of sight, how many requests at once, when to ask again, and what a person is told
once.
"""

from nerharness.remote.key import Key, read_key
from nerharness.remote.limit import Limit
from nerharness.remote.notices import Notices
from nerharness.remote.pace import Pace, asked_to_wait

__all__ = ["Key", "Limit", "Notices", "Pace", "asked_to_wait", "read_key"]
