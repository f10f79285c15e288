"""Room: web. Signing in and out; the page tells a first visitor where the password is."""

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_protect


class SignInForm(AuthenticationForm):
    """Name and password; a wrong pair never says which of the two is wrong."""

    error_messages = {
        "invalid_login": "Wrong user name or password. Both are case-sensitive.",
        "inactive": "This account is disabled. An administrator can enable it.",
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.label_suffix = ""
        self.fields["username"].label = "User name"
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"


@login_not_required
@csrf_protect
def sign_in(request: HttpRequest) -> HttpResponseBase:
    nobody_was_here = not User.objects.exclude(last_login=None).exists()
    view = auth_views.LoginView.as_view(
        authentication_form=SignInForm,
        template_name="registration/sign_in.html",
        redirect_authenticated_user=True,
        extra_context={"nobody_was_here": nobody_was_here},
    )
    response = view(request)
    refused = request.method == "POST" and response.status_code == 200
    if refused:
        response.status_code = 422
    return response


sign_out = login_not_required(auth_views.LogoutView.as_view())
