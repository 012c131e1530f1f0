"""The policy: what holds, setting the next version, and all that held before."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import may, only_if
from segmentation import policies, policy_words, tasks
from segmentation.models import Policy
from segmentation.policy_forms import PolicyForm


@only_if("see_figures")
@require_http_methods(["GET", "POST"])
def policy(request):
    """The head changes it, whoever sees figures reads it."""
    standing, may_set, status = policies.current(), may(request.user, "set_policy"), 200
    form = PolicyForm(policy=standing) if may_set else None
    if request.method == "POST":
        if not may_set:
            raise PermissionDenied(_("Only a sales head sets the policy."))
        # A copy: what is typed is no version before it is set.
        form = PolicyForm(request.POST, policy=policies.current())
        if form.is_valid():
            try:
                following = policies.set_policy(
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    seen=form.cleaned_data["version"] or 0,
                    **form.changes(),
                )
            except policies.PolicyChanged as conflict:
                form.add_error(None, str(conflict))
                form.now_at(standing)
                status = 409
            except policies.PolicyRefused as refusal:
                form.add_error(
                    refusal.field if refusal.field in form.fields else None, str(refusal)
                )
                status = 422
            else:
                if following.pk == standing.pk:
                    messages.info(request, _("Nothing was changed."))
                else:
                    tasks.ask_to_look()
                    messages.success(
                        request,
                        _("Policy version %(version)d holds from now on.")
                        % {"version": following.pk},
                    )
                return redirect("segmentation:policy")
        else:
            status = 422
    versions = list(Policy.objects.visible_to(request.user).select_related("created_by"))
    return render(
        request,
        "segmentation/policy.html",
        {
            "policy": standing,
            "sections": policy_words.sections(standing),
            "form": form,
            "versions": policy_words.history(versions),
        },
        status=status,
    )
