from allauth.account.adapter import DefaultAccountAdapter


class ClosedHouse(DefaultAccountAdapter):
    """People are invited by an administrator; nobody signs himself up."""

    def is_open_for_signup(self, request):
        return False
