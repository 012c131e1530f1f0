from django.urls import path

from accounts.views import profile

app_name = "accounts"

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
]
