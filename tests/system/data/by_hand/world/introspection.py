from __future__ import annotations

import dataclasses
import enum
import inspect
import pickle
import typing


class Kind(enum.Enum):
    A = 1


@dataclasses.dataclass
class Options:
    rate: float = 0.1
    kind: Kind = Kind.A


print(pickle.loads(pickle.dumps(Options())), Options.__module__)
print(typing.get_type_hints(Options), inspect.getsource(Kind), inspect.getfile(Options))
