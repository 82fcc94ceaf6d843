"""YAML of an inventory: without tags that construct objects, or aliases that multiply its size."""

from typing import Any

import yaml
from yaml.nodes import MappingNode

_MOST_KEYS = 1000


class _Loader(yaml.SafeLoader):
    def flatten_mapping(self, node: MappingNode) -> None:
        """Merge mappings (``<<``), which aliases can repeat until the memory is exhausted."""
        super().flatten_mapping(node)
        if len(node.value) > _MOST_KEYS:
            raise ValueError(f"one of its mappings has more than {_MOST_KEYS} keys")


def load_yaml(text: str) -> Any:
    """Load YAML; raise `ValueError` with one line if that is not possible.

    The line does not quote the text, because the text may contain a secret.
    """
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{error.problem or 'an error'}{where}") from None
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
