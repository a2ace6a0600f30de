"""The sign-in pages of allauth that this product uses, and no others."""

from allauth.account import views
from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts.views import second_factor as factor
from accounts.views import single_sign_on as sso

FACTOR = "accounts/second-factor/"

urlpatterns = [
    path("accounts/login/", views.login, name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/password/change/", views.password_change, name="account_change_password"),
    path(
        "accounts/password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",  # asked for by allauth for a person without a password
    ),
    path("accounts/password/reset/", views.password_reset, name="account_reset_password"),
    path(
        "accounts/password/reset/done/",
        views.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[-\w:]{1,200})/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/confirm/", factor.ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("accounts/confirm/code/", factor.ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path(
        "accounts/confirm/passkey/",
        factor.ConfirmByPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("accounts/passkey/", factor.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("accounts/login/code/", factor.AskForCode.as_view(), name="mfa_authenticate"),
    path(
        "accounts/sso/<slug:provider_id>/",
        sso.SingleSignOnStart.as_view(),
        name="openid_connect_login",
    ),
    path(
        "accounts/sso/<slug:provider_id>/back/",
        sso.SingleSignOnBack.as_view(),
        name="openid_connect_callback",
    ),
    path(FACTOR, factor.SecondFactor.as_view(), name="mfa_index"),
    path(f"{FACTOR}app/", factor.AppAdd.as_view(), name="mfa_activate_totp"),
    path(f"{FACTOR}app/remove/", factor.AppRemove.as_view(), name="mfa_deactivate_totp"),
    path(f"{FACTOR}passkeys/add/", factor.PasskeyAdd.as_view(), name="mfa_add_webauthn"),
    path(
        f"{FACTOR}passkeys/<int:pk>/remove/",
        factor.PasskeyRemove.as_view(),
        name="mfa_remove_webauthn",
    ),
    path(f"{FACTOR}codes/", factor.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        f"{FACTOR}codes/file/",
        factor.RecoveryCodesFile.as_view(),
        name="mfa_download_recovery_codes",
    ),
]
