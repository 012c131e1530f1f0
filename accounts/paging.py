from rest_framework.pagination import LimitOffsetPagination


class Pages(LimitOffsetPagination):
    """Rows of the API come in pages: `?limit=` (50 unless told, 500 at most) and `?offset=`."""

    default_limit = 50
    max_limit = 500
