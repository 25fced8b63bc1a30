"""Name the mistake behind wrong elements: what C would be if one particular mistake had been made, for all of them."""
