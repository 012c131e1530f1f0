from accounts.models.assignment import Assignment
from accounts.models.change import Change
from accounts.models.client import Client
from accounts.models.token import ApiToken
from accounts.models.user import User

__all__ = ["ApiToken", "Assignment", "Change", "Client", "User"]
