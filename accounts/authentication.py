"""How a program says who it is: `Authorization: Bearer kam_…`."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts import tokens


class BearerToken(BaseAuthentication):
    """Stands before the session in the settings, so that strangers get a 401 with a challenge."""

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        try:
            secret = parts[1].decode("ascii") if len(parts) == 2 else ""
        except UnicodeDecodeError:
            secret = ""
        token = tokens.recognise(secret, now=timezone.now())
        if token is None:
            # One sentence for unknown, expired and revoked: a stranger learns nothing from it.
            raise AuthenticationFailed(
                _("This token is unknown, expired or revoked. Ask an administrator for a new one.")
            )
        translation.activate(token.person.language)
        return token.person, token

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


class BearerTokenInSchema(OpenApiAuthenticationExtension):
    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "kam_…",
            "description": "A token that an administrator made for a person. It may do what the person may do.",
        }
