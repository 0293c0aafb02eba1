"""Lets a route take whatever is left of a path, line breaks included, so that it is the route that refuses them."""

from starlette.convertors import PathConvertor, register_url_convertor


class AnyPathConvertor(PathConvertor):
    regex = "(?s:.*)"  # Starlette's own `path` stops at a line break, and what then is not found was never judged


def register_any_path() -> None:
    """From then on routes can have `{name:any}`."""
    register_url_convertor("any", AnyPathConvertor())
