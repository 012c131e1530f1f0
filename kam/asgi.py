"""The same application for ASGI servers. WSGI under granian measured faster; this is for those who must."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")
os.environ.setdefault("KAM_ROLE", "web")

application = get_asgi_application()
